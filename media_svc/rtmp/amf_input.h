// The bytes of one AMF message while they are decoded, with what decoding may cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "media_svc/rtmp/error.h"
#include "media_svc/rtmp/limits.h"

namespace weir::media::rtmp {

// Shared by the AMF0 decoder and the AMF3 decoder that it may hand over to.
class AmfInput {
 public:
  explicit AmfInput(std::span<const std::uint8_t> bytes, std::size_t depth = Limits{}.amf_depth)
      : rest_(bytes), expansion_left_(bytes.size() + kExpansion), depth_left_(depth) {}

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

  // Around what an object or array holds: the decoders are recursive, and their peer must not lead
  // them deeper. False: too deep.
  bool enter() {
    if (depth_left_ == 0) return false;
    --depth_left_;
    return true;
  }
  void leave() { ++depth_left_; }

 private:
  static constexpr std::size_t kExpansion = 4096;

  std::span<const std::uint8_t> rest_;
  std::size_t expansion_left_;
  std::size_t depth_left_;
};

inline std::string to_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Fault amf_truncated() { return {Error::kAmf, "AMF value is cut short"}; }

inline Fault amf_too_deep() { return {Error::kAmfDepth, "AMF value is nested too deeply"}; }

}  // namespace weir::media::rtmp
