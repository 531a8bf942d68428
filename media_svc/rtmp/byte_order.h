// Integers as RTMP writes them: big-endian, of two, three and four bytes; one of them is not.
#pragma once

#include <cstdint>

namespace weir::media::rtmp {

inline std::uint32_t load_u16(const std::uint8_t* at) { return std::uint32_t{at[0]} << 8 | at[1]; }

inline std::uint32_t load_u24(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 16 | std::uint32_t{at[1]} << 8 | at[2];
}

inline std::uint32_t load_u32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | load_u24(at + 1);
}

// The message stream id of a chunk header is little-endian (Adobe RTMP 1.0, section 5.3.1.2.1).
inline std::uint32_t load_u32_little(const std::uint8_t* at) {
  return std::uint32_t{at[3]} << 24 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[1]} << 8 |
         at[0];
}

inline void store_u16(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

inline void store_u24(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 16);
  store_u16(at + 1, value);
}

inline void store_u32(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 24);
  store_u24(at + 1, value);
}

inline void store_u32_little(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value);
  at[1] = static_cast<std::uint8_t>(value >> 8);
  at[2] = static_cast<std::uint8_t>(value >> 16);
  at[3] = static_cast<std::uint8_t>(value >> 24);
}

}  // namespace weir::media::rtmp
