// Both sides of the handshake, whole and byte by byte: the same end, however the bytes are cut.
#include <cstdlib>
#include <vector>

#include "media_svc/rtmp/handshake.h"

namespace weir::media::rtmp {
namespace {

struct End {
  int result = 0;  // 0: not done, 1: done, 2: fault
  std::size_t taken = 0;
  std::vector<std::uint8_t> output;

  bool operator==(const End&) const = default;
};

template <class Handshake>
End run(Handshake& handshake, std::span<const std::uint8_t> input, std::size_t piece,
        std::vector<std::uint8_t> output) {
  End end;
  while (end.taken < input.size() && end.result == 0) {
    auto now = input.subspan(end.taken, std::min(piece, input.size() - end.taken));
    const std::size_t before = now.size();
    const auto done = handshake.next(now, output);
    end.taken += before - now.size();
    end.result = !done ? 2 : *done ? 1 : 0;
  }
  // How far a fault was read depends on how the bytes came.
  if (end.result == 2) end.taken = 0;
  end.output = std::move(output);
  return end;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool digest = (data[0] & 1) != 0;
  const auto input = std::span(data, size).subspan(1);

  ServerHandshake whole_server(1);
  ServerHandshake dripped_server(1);
  if (run(whole_server, input, SIZE_MAX, {}) != run(dripped_server, input, 1, {})) std::abort();

  std::vector<std::uint8_t> hello;
  ClientHandshake whole_client(digest, 1, hello);
  std::vector<std::uint8_t> same_hello;
  ClientHandshake dripped_client(digest, 1, same_hello);
  if (run(whole_client, input, SIZE_MAX, hello) != run(dripped_client, input, 1, same_hello)) {
    std::abort();
  }
  return 0;
}

}  // namespace weir::media::rtmp
