// Who is let in while control can't be asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/clock.h"

namespace weir::media::admission {

struct OfflineLimits {
  // A publisher is known for so long after its connection was lost.
  Duration memory{5 * 60'000};
  // Sessions remembered beyond those that are connected; the longest gone are forgotten first.
  std::size_t max_remembered = 10'000;
  // How many players are let in after control was lost, and for how long; 0: none.
  std::size_t max_players = 0;
  Duration players_for{5 * 60'000};
};

// A publish session that control gave to this instance.
struct HeldSession {
  std::string session_id;
  std::string user_id;
  std::string stream_id;
  std::int64_t epoch = 0;
  // How often control wants to hear of it.
  Duration touch_interval{0};
};

// A publisher whose session this instance held a moment ago goes on with it, a stranger does not;
// a few players may be let in, where the operator wants that. Whoever is let in is asserted to
// control afterwards. Pure: the caller serialises the calls and makes the identities.
class OfflineAdmission {
 public:
  explicit OfflineAdmission(OfflineLimits limits) : limits_(limits) {}

  // Control admitted `session`, and it has started. `identity` is what proves that a later
  // publisher is the same: a digest of what the client presented, never the credential itself.
  void started(const HeldSession& session, std::string_view identity);
  // A connection of it is gone, and it may come back.
  void lost(std::string_view session_id, std::int64_t epoch, SteadyTime now);
  // The client was done, or control ended the session for all who hold it with this epoch or an
  // older one; with any, where the epoch is 0. It does not come back.
  void ended(std::string_view session_id, std::int64_t epoch);

  // The session with which this publisher goes on, also while its old connection lingers.
  const HeldSession* resume(std::string_view stream_id, std::string_view identity,
                            SteadyTime now) const;

  void control_lost(SteadyTime now);
  void control_back();
  // Takes a player's place for as long as control stays away; false where there is none.
  bool admit_player(SteadyTime now);

  // Sessions known, connected or not.
  std::size_t size() const { return by_stream_.size(); }

 private:
  struct Memory {
    HeldSession session;
    std::string identity;
    // More than one while a connection that was taken over lingers.
    int connections = 1;
    // Empty while there are connections.
    std::optional<SteadyTime> lost_at;
  };
  using Memories = std::unordered_map<std::string, Memory>;

  Memories::iterator find(std::string_view session_id);
  void erase(Memories::iterator memory);
  bool outdated(const Memory& memory, SteadyTime now) const;
  void forget(SteadyTime now);

  const OfflineLimits limits_;
  // One a stream: a newer session of the stream takes the place of an older one.
  Memories by_stream_;
  std::unordered_map<std::string, std::string> stream_of_session_;
  // The lost ones, longest gone first; those that came back since are still in it.
  struct Gone {
    std::string session_id;
    SteadyTime at;
  };
  std::deque<Gone> gone_;
  std::optional<SteadyTime> control_lost_at_;
  std::size_t players_ = 0;
};

}  // namespace weir::media::admission
