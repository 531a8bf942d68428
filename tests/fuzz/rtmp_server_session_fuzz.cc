// A whole server session behind its handshake, whole and byte by byte: the same events, and output
// within its bound. An input begins with one byte of how the owner answers.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "media_svc/rtmp/handshake.h"
#include "media_svc/rtmp/server_session.h"

namespace weir::media::rtmp {
namespace {

// Enough of an event to tell it from another.
std::string describe(const ServerEvent& event) {
  std::string line = std::to_string(event.index());
  if (const auto* media = std::get_if<MediaReceived>(&event)) {
    const auto payload = media->message.payload.span();
    line += "@" + std::to_string(media->message.timestamp) + ":";
    line.append(payload.begin(), payload.end());
  }
  if (const auto* publish = std::get_if<PublishRequested>(&event)) {
    line += publish->address.stream_id();
  }
  if (const auto* fault = std::get_if<ProtocolFault>(&event)) line += label(fault->fault.error);
  return line;
}

void answer(ServerSession& session, const ServerEvent& event, bool accept) {
  if (const auto* publish = std::get_if<PublishRequested>(&event)) {
    if (accept) {
      session.accept_publish(publish->stream_id);
    } else {
      session.refuse_publish(publish->stream_id, StatusCode::kPublishDenied, "no");
    }
  }
  if (const auto* play = std::get_if<PlayRequested>(&event)) {
    if (accept) {
      session.accept_play(play->stream_id);
    } else {
      session.refuse_play(play->stream_id, StatusCode::kPlayStreamNotFound, "no");
    }
  }
}

std::vector<std::string> converse(std::span<const std::uint8_t> input, std::size_t piece,
                                  bool accept) {
  ServerSession session({.handshake_seed = 1});
  const std::vector<std::uint8_t> hello(1 + 2 * kHandshakeBytes, 0);
  std::vector<std::string> events;
  const auto feed = [&](std::span<const std::uint8_t> now) {
    session.feed(now);
    while (const auto event = session.next_event()) {
      events.push_back(describe(*event));
      answer(session, *event, accept);
    }
    // One answer may be above the bound when it is noticed.
    if (session.output().size() > Limits{}.output_bytes + 4096) std::abort();
    session.consume_output(session.output().size());
  };
  feed(hello);
  while (!input.empty()) {
    const auto now = input.first(std::min(piece, input.size()));
    input = input.subspan(now.size());
    feed(now);
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool accept = (data[0] & 1) != 0;
  const auto input = std::span(data, size).subspan(1);
  if (converse(input, SIZE_MAX, accept) != converse(input, 1, accept)) std::abort();
  return 0;
}

}  // namespace weir::media::rtmp
