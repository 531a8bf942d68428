#include "media_svc/rtmp/link.h"

#include <algorithm>
#include <utility>

#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

// A message is never longer than this, so neither is a chunk (section 5.4.1).
constexpr std::uint32_t kLargestChunk = 0xFFFFFF;
// An empty buffer larger than this is given back: connections are many and mostly silent.
constexpr std::size_t kKeptOutput = 512;

bool is_media(MessageType type) {
  switch (type) {
    case MessageType::kAudio:
    case MessageType::kVideo:
    case MessageType::kDataAmf0:
    case MessageType::kDataAmf3:
    case MessageType::kAggregate:
      return true;
    default:
      return false;
  }
}

bool is_about_link(MessageType type) {
  return type >= MessageType::kSetChunkSize && type <= MessageType::kSetPeerBandwidth;
}

}  // namespace

Link::Link(const Limits& limits, std::uint32_t window)
    : limits_(limits), reader_(limits), window_(window) {}

void Link::feed(std::span<const std::uint8_t> bytes) {
  input_ = bytes;
  received_ += bytes.size();
}

Outcome<std::optional<Message>> Link::next() {
  for (;;) {
    if (auto part = aggregate_.next()) {
      if (!is_media(part->type)) continue;
      if (auto fault = count_media()) return std::move(*fault);
      return part;
    }
    auto message = reader_.next(input_);
    if (!message || !*message) {
      acknowledge();
      return message;
    }
    const MessageType type = (*message)->type;
    if (auto fault = count(type)) return std::move(*fault);
    if (type == MessageType::kAggregate) {
      aggregate_ = Aggregate(std::move(**message));
    } else if (!is_about_link(type)) {
      return message;
    } else if (auto fault = obey(**message)) {
      return std::move(*fault);
    }
  }
}

std::optional<Fault> Link::count_media() {
  if (++media_messages_ <= limits_.media_messages) return std::nullopt;
  return Fault{Error::kMessageRate, "too many media messages in a second"};
}

std::optional<Fault> Link::count(MessageType type) {
  if (is_media(type)) return count_media();
  if (++control_messages_ > limits_.control_messages) {
    return Fault{Error::kMessageRate, "too many control messages in a second"};
  }
  if (output().size() > limits_.output_bytes) {
    return Fault{Error::kOutputBytes, "the peer does not read the answers"};
  }
  return std::nullopt;
}

void Link::renew_budget() {
  control_messages_ = 0;
  media_messages_ = 0;
  reader_.renew_budget();
}

std::optional<Fault> Link::obey(const Message& message) {
  const auto payload = message.payload.span();
  switch (message.type) {
    case MessageType::kSetChunkSize:
      return obey_chunk_size(payload);
    case MessageType::kAbort:
      if (payload.size() >= 4) reader_.abort(load_u32(payload.data()));
      return std::nullopt;
    case MessageType::kWindowAcknowledgementSize:
      // A peer that waits for acknowledgements sooner than we would send them gets them sooner.
      if (payload.size() >= 4) window_ = std::min(window_, load_u32(payload.data()));
      return std::nullopt;
    case MessageType::kUserControl:
      return obey_user_control(payload);
    default:
      return std::nullopt;
  }
}

std::optional<Fault> Link::obey_chunk_size(std::span<const std::uint8_t> payload) {
  const std::uint32_t size = payload.size() < 4 ? 0 : load_u32(payload.data());
  // Section 5.4.1: the first bit must be zero.
  if (size == 0 || size > 0x7FFF'FFFF) return Fault{Error::kChunkSize, "chunk size is not valid"};
  reader_.set_chunk_size(std::min(size, kLargestChunk));
  return std::nullopt;
}

std::optional<Fault> Link::obey_user_control(std::span<const std::uint8_t> payload) {
  if (payload.size() < 6) return std::nullopt;
  if (static_cast<UserControl>(load_u16(payload.data())) == UserControl::kPingRequest) {
    write(UserControl::kPingResponse, load_u32(payload.data() + 2));
  }
  return std::nullopt;
}

// Twice a window: a peer that waits after a whole one never has to.
void Link::acknowledge() {
  const std::uint64_t unacknowledged = received_ - acknowledged_;
  if (unacknowledged == 0 || unacknowledged < window_ / 2) return;
  // A later one says as much. The peer chooses its window, down to nothing.
  if (output().size() > limits_.output_bytes) return;
  acknowledged_ = received_;
  // Section 5.4.3; the count wraps as timestamps do.
  write(MessageType::kAcknowledgement, static_cast<std::uint32_t>(received_));
}

void Link::write(const MessageHeader& header, std::span<const std::uint8_t> payload) {
  append_chunks(output_, header, payload, output_chunk_size_);
}

void Link::write(MessageType type, std::uint32_t value) {
  // Section 5.4.5: the bandwidth comes with how binding it is, 2 is "dynamic".
  std::uint8_t payload[5] = {0, 0, 0, 0, 2};
  store_u32(payload, value);
  write({type, 0, 0}, std::span(payload).first(type == MessageType::kSetPeerBandwidth ? 5 : 4));
}

void Link::write(UserControl event, std::uint32_t value) {
  std::uint8_t payload[6];
  store_u16(payload, static_cast<std::uint32_t>(event));
  store_u32(payload + 2, value);
  write({MessageType::kUserControl, 0, 0}, payload);
}

void Link::set_output_chunk_size(std::uint32_t bytes) {
  write(MessageType::kSetChunkSize, bytes);
  output_chunk_size_ = bytes;
}

std::span<const std::uint8_t> Link::output() const {
  return std::span(output_).subspan(output_sent_);
}

void Link::consume_output(std::size_t bytes) {
  output_sent_ += bytes;
  // Also while some is always left to send.
  if (output_sent_ < output_.size() - output_sent_) return;
  output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(output_sent_));
  output_sent_ = 0;
  if (output_.empty() && output_.capacity() > kKeptOutput) output_.shrink_to_fit();
}

}  // namespace weir::media::rtmp
