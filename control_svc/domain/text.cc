#include "control_svc/domain/text.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace weir::control::domain {

// Layout: the end offset of each field as 16 bits, then the bytes of all fields.
PackedTexts::PackedTexts(const SessionTexts& texts) {
  const std::array<std::string_view, kFields> fields{
      texts.stream_id,         texts.instance_id,   texts.client_address, texts.client_protocol,
      texts.client_user_agent, texts.client_device, texts.ended_by,       texts.message};
  std::array<std::uint16_t, kFields> ends{};
  std::size_t size = 0;
  std::array<std::string_view, kFields> kept;
  for (std::size_t i = 0; i < kFields; ++i) {
    kept[i] = fields[i].substr(0, std::numeric_limits<std::uint16_t>::max() - size);
    size += kept[i].size();
    ends[i] = static_cast<std::uint16_t>(size);
  }
  SharedBytes::Builder builder;
  builder.reserve(sizeof(ends) + size);
  builder.append({reinterpret_cast<const std::uint8_t*>(ends.data()), sizeof(ends)});
  for (const std::string_view field : kept) {
    builder.append({reinterpret_cast<const std::uint8_t*>(field.data()), field.size()});
  }
  bytes_ = builder.take();
}

std::string_view PackedTexts::field(std::size_t index) const {
  if (bytes_.empty()) return {};
  const auto end_of = [this](std::size_t i) {
    std::uint16_t end = 0;
    std::memcpy(&end, bytes_.data() + i * sizeof(end), sizeof(end));
    return end;
  };
  const std::size_t begin = index == 0 ? 0 : end_of(index - 1);
  const auto* text = reinterpret_cast<const char*>(bytes_.data() + kFields * sizeof(std::uint16_t));
  return {text + begin, end_of(index) - begin};
}

SessionTexts PackedTexts::view() const {
  return {.stream_id = field(0),
          .instance_id = field(1),
          .client_address = field(2),
          .client_protocol = field(3),
          .client_user_agent = field(4),
          .client_device = field(5),
          .ended_by = field(6),
          .message = field(7)};
}

}  // namespace weir::control::domain
