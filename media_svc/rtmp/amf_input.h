// The bytes of one AMF message while they are decoded, with what decoding may cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "media_svc/rtmp/error.h"

namespace weir::media::rtmp {

// Nesting of objects and arrays; a recursive decoder must not be led deeper by its peer.
inline constexpr int kAmfDepth = 16;

// Shared by the AMF0 decoder and the AMF3 decoder that it may hand over to.
class AmfInput {
 public:
  explicit AmfInput(std::span<const std::uint8_t> bytes)
      : rest_(bytes), expansion_left_(bytes.size() + kExpansion) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }
  std::span<const std::uint8_t> rest() const { return rest_; }
  void skip(std::size_t count) { rest_ = rest_.subspan(count); }

  // Nothing if fewer bytes are left.
  std::optional<std::span<const std::uint8_t>> take(std::size_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(count);
    skip(count);
    return taken;
  }

  // Bytes that a reference adds to the decoded value without having been sent again. False: too
  // many, so that a short message cannot become a large value.
  bool expand(std::size_t count) {
    if (count > expansion_left_) return false;
    expansion_left_ -= count;
    return true;
  }

 private:
  static constexpr std::size_t kExpansion = 4096;

  std::span<const std::uint8_t> rest_;
  std::size_t expansion_left_;
};

inline std::string to_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Fault amf_truncated() { return {Error::kAmf, "AMF value is cut short"}; }

inline Fault amf_too_deep() { return {Error::kAmfDepth, "AMF value is nested too deeply"}; }

}  // namespace weir::media::rtmp
