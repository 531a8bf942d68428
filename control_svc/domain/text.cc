#include "control_svc/domain/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace weir::control::domain {

boost::intrusive_ptr<const Characters> Characters::of(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (size == 0) return nullptr;
  void* const memory = ::operator new(sizeof(Characters) + size);
  auto* const characters = ::new (memory) Characters(static_cast<std::uint32_t>(size));
  auto* to = static_cast<char*>(memory) + sizeof(Characters);
  for (const std::string_view piece : pieces) to = std::copy(piece.begin(), piece.end(), to);
  return characters;
}

// Layout: the end offset of each field as 16 bits, then the bytes of all fields.
PackedTexts::PackedTexts(const SessionTexts& texts) {
  const std::array<std::string_view, kFields> fields{
      texts.stream_id,         texts.instance_id,   texts.client_address, texts.client_protocol,
      texts.client_user_agent, texts.client_device, texts.ended_by,       texts.message};
  std::array<std::uint16_t, kFields> ends{};
  std::array<std::string_view, 1 + kFields> pieces;
  pieces[0] = {reinterpret_cast<const char*>(ends.data()), sizeof(ends)};
  std::size_t size = 0;
  for (std::size_t i = 0; i < kFields; ++i) {
    pieces[1 + i] = fields[i].substr(0, std::numeric_limits<std::uint16_t>::max() - size);
    size += pieces[1 + i].size();
    ends[i] = static_cast<std::uint16_t>(size);
  }
  packed_ = Characters::of(pieces);
}

std::string_view PackedTexts::field(std::size_t index) const {
  if (!packed_) return {};
  const std::string_view packed = packed_->view();
  const auto end_of = [packed](std::size_t i) {
    std::uint16_t end = 0;
    std::memcpy(&end, packed.data() + i * sizeof(end), sizeof(end));
    return end;
  };
  const std::size_t begin = index == 0 ? 0 : end_of(index - 1);
  return packed.substr(kFields * sizeof(std::uint16_t) + begin, end_of(index) - begin);
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
