// The chunk reader, whole and in pieces: the same messages, and never more memory than its limit.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "media_svc/rtmp/byte_order.h"
#include "media_svc/rtmp/chunk_reader.h"

namespace weir::media::rtmp {
namespace {

struct Read {
  std::vector<Message> messages;
  bool fault = false;
};

const Limits kLimits{.partial_bytes = 256u << 10, .tiny_chunks = 100'000};

Read read(std::span<const std::uint8_t> input, std::size_t piece) {
  ChunkReader reader(kLimits);
  Read result;
  while (!input.empty() && !result.fault) {
    auto now = input.first(std::min(piece, input.size()));
    input = input.subspan(now.size());
    for (;;) {
      auto message = reader.next(now);
      if (reader.partial_bytes() > kLimits.partial_bytes) std::abort();
      result.fault = !message;
      if (!message || !*message) break;
      const auto payload = (*message)->payload.span();
      if (payload.size() >= 4 && (*message)->type == MessageType::kSetChunkSize) {
        reader.set_chunk_size(std::max(load_u32(payload.data()) & 0xFFFFFF, 1u));
      }
      if (payload.size() >= 4 && (*message)->type == MessageType::kAbort) {
        reader.abort(load_u32(payload.data()));
      }
      result.messages.push_back(std::move(**message));
    }
  }
  return result;
}

bool same(const Message& a, const Message& b) {
  return a.type == b.type && a.timestamp == b.timestamp && a.stream_id == b.stream_id &&
         a.payload == b.payload;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Read whole = read({data, size}, SIZE_MAX);
  for (const std::size_t piece : {1u, 5u}) {
    const Read cut = read({data, size}, piece);
    // What is allocated ahead depends on how much came at once; messages before that do not.
    const std::size_t both = std::min(whole.messages.size(), cut.messages.size());
    if (!std::equal(whole.messages.begin(), whole.messages.begin() + static_cast<long>(both),
                    cut.messages.begin(), same)) {
      std::abort();
    }
    if (!whole.fault && !cut.fault && whole.messages.size() != cut.messages.size()) std::abort();
  }
  return 0;
}

}  // namespace weir::media::rtmp
