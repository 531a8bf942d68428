// A whole server session behind its handshake, whole and byte by byte: the same events, and output
// within its bound. An input begins with one byte of how the owner acts.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <variant>
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

// Bits of the first byte.
constexpr std::uint8_t kAccepts = 1;
constexpr std::uint8_t kAsksToReconnect = 2;
constexpr std::uint8_t kLosesThePublisher = 4;
constexpr std::uint8_t kEndsWhatRuns = 8;

// The owner of a session, who does what a server would at each event.
class Owner {
 public:
  Owner(ServerSession& session, std::uint8_t acts) : session_(session), acts_(acts) {}

  void operator()(const Connected& /*event*/) const {
    if (acts(kAsksToReconnect)) session_.request_reconnect("rtmp://other/live", "moving");
  }
  void operator()(const PublishRequested& event) const {
    if (acts(kAccepts)) return session_.accept_publish(event.stream_id);
    session_.refuse_publish(event.stream_id, StatusCode::kPublishDenied, "no");
  }
  void operator()(const PlayRequested& event) const {
    if (acts(kAccepts)) return session_.accept_play(event.stream_id);
    session_.refuse_play(event.stream_id, StatusCode::kPlayStreamNotFound, "no");
  }
  void operator()(const MediaReceived& event) const {
    if (!acts(kEndsWhatRuns)) return;
    session_.end_publish(event.message.stream_id, StatusCode::kPublishDenied, "over");
  }
  void operator()(const PauseChanged& event) const {
    if (acts(kEndsWhatRuns)) session_.end_play(event.stream_id, StatusCode::kPlayFailed, "over");
    if (!acts(kLosesThePublisher)) return;
    session_.notify_unpublished(event.stream_id);
    session_.notify_published(event.stream_id);
  }
  template <class Other>
  void operator()(const Other& /*event*/) const {}

 private:
  bool acts(std::uint8_t bit) const { return (acts_ & bit) != 0; }

  ServerSession& session_;
  const std::uint8_t acts_;
};

std::vector<std::string> converse(std::span<const std::uint8_t> input, std::size_t piece,
                                  std::uint8_t acts) {
  ServerSession session({.handshake_seed = 1});
  const Owner owner(session, acts);
  const std::vector<std::uint8_t> hello(1 + 2 * kHandshakeBytes, 0);
  std::vector<std::string> events;
  const auto feed = [&](std::span<const std::uint8_t> now) {
    session.feed(now);
    while (const auto event = session.next_event()) {
      events.push_back(describe(*event));
      std::visit(owner, *event);
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
  const std::uint8_t acts = data[0];
  const auto input = std::span(data, size).subspan(1);
  if (converse(input, SIZE_MAX, acts) != converse(input, 1, acts)) std::abort();
  return 0;
}

}  // namespace weir::media::rtmp
