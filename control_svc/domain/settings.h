// What an operator chooses about sessions. Filled from configuration by main, read by the rules.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/clock.h"

namespace weir::control::domain {

enum class PublishTakeover : std::uint8_t { kNever, kStale, kSameUser };

struct Settings {
  // X: how often a phase is fetched.
  Duration phase = std::chrono::seconds{10};
  // n: phases that a session may be idle before it ends.
  int idle_phases = 3;
  Duration start_timeout = std::chrono::seconds{20};
  Duration pause_limit = std::chrono::minutes{10};
  Duration publish_reconnect_grace = std::chrono::seconds{30};
  // 0: none.
  Duration max_publish_duration{0};
  Duration max_play_duration{0};
  Duration tombstone = std::chrono::minutes{10};
  Duration request_id_memory = std::chrono::minutes{10};
  Duration kick_block = std::chrono::seconds{60};
  // After a restart nothing expires for so long.
  Duration recovery_hold = std::chrono::seconds{30};
  int max_play_sessions = 3;
  int max_publish_sessions = 3;
  PublishTakeover publish_takeover = PublishTakeover::kStale;
  // Of one stream by its own user, at most once in this time.
  Duration same_user_takeover_interval = std::chrono::seconds{30};
  // Bounds of one user's record; the oldest go first.
  std::size_t max_tombstones_per_user = 32;
  std::size_t max_remembered_requests_per_user = 256;
  std::size_t max_blocks_per_user = 64;

  // (n + 1)·X: silence after which a session has ended.
  Duration silence_limit() const { return phase * (idle_phases + 1); }
  // What clients are told.
  Duration touch_interval() const { return phase / 2; }
  // Nothing that is renewed in time, or about to start, ends of a silence that is no longer.
  Duration outlived_silence() const {
    return std::min(silence_limit() - touch_interval(), start_timeout);
  }
};

}  // namespace weir::control::domain
