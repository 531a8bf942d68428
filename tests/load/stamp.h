// The time at which a frame was sent, carried inside it, so that whoever gets the frame from a
// server can tell how long it took.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace weir::load {

// The steady clock is the same in every process of a machine, and only there.
using Time = std::chrono::steady_clock::time_point;

// H.264 lets anybody put "user data unregistered" into a stream: an SEI message that begins with
// a UUID of one's own (ITU-T H.264, annex D.1.7). It precedes the slice in the same access unit.
inline constexpr std::size_t kStampNalBytes = 1 + 1 + 1 + 16 + 16 + 1;

// The NAL unit without a length before it. The time is written in hexadecimal digits, so no
// emulation prevention is ever needed.
std::array<std::uint8_t, kStampNalBytes> stamp_nal(Time sent);

// Where a stamped frame keeps its stamp: after the five bytes of the FLV video header and the four
// of the NAL unit's length.
inline constexpr std::size_t kStampOffset = 5 + 4;
// By how much a stamp makes a frame longer.
inline constexpr std::size_t kStampBytes = 4 + kStampNalBytes;

// Of the body of a video message; nothing if it has no stamp.
std::optional<Time> read_stamp(std::span<const std::uint8_t> body);

}  // namespace weir::load
