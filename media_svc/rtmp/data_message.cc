#include "media_svc/rtmp/data_message.h"

#include <string_view>

#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

constexpr std::size_t kNumberBytes = 1 + 8;

bool starts_with(std::span<const std::uint8_t> bytes, Amf0Marker marker) {
  return !bytes.empty() && static_cast<Amf0Marker>(bytes[0]) == marker;
}

// The short string at the front; nothing if there is none.
std::optional<std::string_view> leading_string(std::span<const std::uint8_t> bytes) {
  if (!starts_with(bytes, Amf0Marker::kString) || bytes.size() < 3) return std::nullopt;
  const std::size_t length = load_u16(bytes.data() + 1);
  if (bytes.size() - 3 < length) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(bytes.data() + 3), length);
}

}  // namespace

std::optional<Message> to_player_data(const Message& message) {
  auto rest = message.payload.span();
  // A type 15 payload begins with a zero byte, then the name: a string. A number begins with zero
  // too, but is followed by more than the name's marker.
  if (message.type == MessageType::kDataAmf3 && rest.size() > 1 && rest[0] == 0 &&
      starts_with(rest.subspan(1), Amf0Marker::kString)) {
    rest = rest.subspan(1);
  }
  while (starts_with(rest, Amf0Marker::kNumber) && rest.size() > kNumberBytes) {
    rest = rest.subspan(kNumberBytes);
  }
  auto name = leading_string(rest);
  if (name == "@setDataFrame") {
    rest = rest.subspan(3 + name->size());
    name = leading_string(rest);
  }
  if (!name || name == "@clearDataFrame") return std::nullopt;
  const bool unchanged =
      rest.size() == message.payload.size() && message.type == MessageType::kDataAmf0;
  return Message{MessageType::kDataAmf0, message.timestamp, message.stream_id,
                 unchanged ? message.payload : SharedBytes::copy_of(rest)};
}

}  // namespace weir::media::rtmp
