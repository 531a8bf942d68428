// Where the handshake's filling starts from.
#pragma once

#include <cstdint>
#include <random>

namespace weir::media::rtmp {

inline std::uint64_t random_seed() {
  // To make one takes longer than all else in a handshake: CPUID leaves a virtual machine.
  thread_local std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace weir::media::rtmp
