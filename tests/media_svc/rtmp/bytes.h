// Bytes in the tests of RTMP: how they are written, read from files and fed.
#pragma once

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::media::rtmp {

using Bytes = std::vector<std::uint8_t>;

// bytes("abc", 0, 255, other): texts, single bytes and byte strings, one after the other.
inline void append_to(Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}
inline void append_to(Bytes& out, const char* text) { append_to(out, std::string_view(text)); }
inline void append_to(Bytes& out, int byte) { out.push_back(static_cast<std::uint8_t>(byte)); }
inline void append_to(Bytes& out, std::span<const std::uint8_t> more) {
  out.insert(out.end(), more.begin(), more.end());
}
inline void append_to(Bytes& out, const Bytes& more) {
  append_to(out, std::span<const std::uint8_t>(more));
}

template <class... Parts>
Bytes bytes(const Parts&... parts) {
  Bytes out;
  (append_to(out, parts), ...);
  return out;
}

inline Bytes repeated(std::size_t count, int byte) {
  return Bytes(count, static_cast<std::uint8_t>(byte));
}

// Of tests/golden/rtmp.
inline Bytes golden(const std::string& name) {
  std::ifstream file(WEIR_SOURCE_DIR "/tests/golden/rtmp/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no golden file " + name);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// Calls `feed` with pieces of `all` of at most `piece` bytes.
template <class Feed>
void feed_in_pieces(std::span<const std::uint8_t> all, std::size_t piece, Feed feed) {
  while (!all.empty()) {
    const auto now = all.first(std::min(piece, all.size()));
    all = all.subspan(now.size());
    feed(now);
  }
}

// How every decoder is fed: whole, byte by byte, and in pieces that fit nothing.
inline constexpr std::size_t kPieces[] = {SIZE_MAX, 1, 7, 1000};

}  // namespace weir::media::rtmp
