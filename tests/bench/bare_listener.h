// What the bare programs need of a listening socket. They share nothing with a server of ours: each
// is the least that can be done with so many sockets.
#pragma once

#include <cstdint>

#include "tests/load/file_descriptor.h"

namespace weir::bench {

// On 127.0.0.1; port 0 lets the system choose. Prints the port on stdout. Throws std::system_error.
load::FileDescriptor listen_on_loopback(std::uint16_t port);

// A connection that waits, non-blocking and without Nagle's delay; none if there is none.
load::FileDescriptor accept_one(int listener);

void raise_descriptor_limit();

}  // namespace weir::bench
