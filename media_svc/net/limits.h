// What net lets its peers cost. Each limit has an option and counts in weir_limits_hit_total.
#pragma once

#include <cstddef>

#include "common/clock.h"
#include "media_svc/admission/offline_admission.h"
#include "media_svc/rtmp/limits.h"

namespace weir::media::net {

struct Limits {
  // 0: none.
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 0;
  std::size_t publishers = 0;
  std::size_t players = 0;
  std::size_t relays = 0;

  // Each counts from the start of its phase, so that a dripping peer gains nothing.
  Duration handshake{10'000};
  Duration connect_to_stream{15'000};

  // For a peer to read why it is closed.
  Duration linger{2'000};
  // A peer that acknowledges neither data nor keepalive probes for so long is gone.
  Duration unacknowledged{20'000};

  // From a request to control's answer.
  Duration admission_timeout{5'000};

  // A publisher without media: its session is interrupted, then its connection closed.
  Duration silence_interrupts{4'000};
  Duration silence_closes{60'000};

  // Media held while a publisher's admission is pending.
  std::size_t pending_admission_bytes = 4u << 20;

  // How long frames are collected before they are written, without and with load at most.
  // 0: not at all.
  Duration egress_merge_min{0};
  Duration egress_merge_max{100};
  // How long frames that nobody watches lie in their publisher's socket before they are read
  // together. 0: not at all.
  Duration ingress_merge_max{100};
  // A player that is this far behind, or takes nothing for so long, is closed.
  Duration egress_lag{10'000};
  // How long a player waits for its stream to be published. 0: not at all.
  Duration play_wait{10'000};
  // A stream that goes on elsewhere comes back within this, or its players hear that it is gone.
  Duration move_gap{5'000};

  // Who is let in while control can't be asked.
  admission::OfflineLimits offline;

  rtmp::Limits rtmp;
};

}  // namespace weir::media::net
