#include "tests/load/stamp.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace weir::load {
namespace {

constexpr std::uint8_t kNalSei = 6;
constexpr std::uint8_t kUserDataUnregistered = 5;
constexpr std::uint8_t kRbspStop = 0x80;
constexpr std::size_t kDigits = 16;
constexpr std::string_view kUuid = "weir-load stamp.";

constexpr std::size_t kHeaderBytes = 3 + kUuid.size();

std::array<std::uint8_t, kHeaderBytes> header() {
  std::array<std::uint8_t, kHeaderBytes> bytes{kNalSei, kUserDataUnregistered,
                                               kUuid.size() + kDigits};
  std::copy(kUuid.begin(), kUuid.end(), bytes.begin() + 3);
  return bytes;
}

}  // namespace

std::array<std::uint8_t, kStampNalBytes> stamp_nal(Time sent) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::uint8_t, kStampNalBytes> nal{};
  const auto fixed = header();
  auto* next = std::copy(fixed.begin(), fixed.end(), nal.begin());
  const auto ticks = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(sent.time_since_epoch()).count());
  for (int shift = 60; shift >= 0; shift -= 4) {
    *next++ = static_cast<std::uint8_t>(kHex[(ticks >> shift) & 0xf]);
  }
  *next = kRbspStop;
  return nal;
}

std::optional<Time> read_stamp(std::span<const std::uint8_t> body) {
  if (body.size() < kStampOffset + kStampNalBytes) return std::nullopt;
  const auto nal = body.subspan(kStampOffset, kStampNalBytes);
  static const auto kFixed = header();
  if (!std::equal(kFixed.begin(), kFixed.end(), nal.begin())) return std::nullopt;
  const auto* digits = reinterpret_cast<const char*>(nal.data() + kHeaderBytes);
  std::uint64_t ticks = 0;
  const auto [end, error] = std::from_chars(digits, digits + kDigits, ticks, 16);
  if (error != std::errc{} || end != digits + kDigits) return std::nullopt;
  return Time{std::chrono::nanoseconds{ticks}};
}

}  // namespace weir::load
