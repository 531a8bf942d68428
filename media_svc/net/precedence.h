// Whose turn it is where threads share a processor.
#pragma once

namespace weir::media::net {

// Called by main before there are other threads. This thread and those that come of it, gRPC's and
// the log's included, no longer interrupt another when they are woken: they go on once it pauses,
// or its share of time is over.
void give_way();

// Called by each worker: it is not to wait for those that give way.
void take_precedence();

}  // namespace weir::media::net
