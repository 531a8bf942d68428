// Empties draining instances: asks their publishers, at the pace that the rule says, to go to where
// PickInstance would send them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/placement.h"
#include "control_svc/domain/stream_move.h"
#include "control_svc/store/awaited.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/held_streams.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::store {

// Owned by main, one a process; store and operations outlive it. A ticker calls `step`, one at a
// time; `begin_again` comes from any thread. What it has in mind is found again in the records
// after a restart.
class StreamMover {
 public:
  // Carries an order to its instance; any thread.
  using Sink = std::function<void(const domain::MoveOrder&)>;

  StreamMover(RecordStore& store, SessionOperations& sessions, Sink sink);

  // Asks as many as are due by now.
  void step(Now now, std::function<void()> done);
  // The instance has lost what it was told: everybody there is asked once more.
  void begin_again(std::string_view instance_id);

 private:
  struct Plan {
    std::int64_t generation = 0;
    std::deque<domain::SessionId> waiting;
    // Streams a second. Never falls, so that the last ones are as quick as the first.
    double pace = 0;
    // Streams that may be asked by now, and are not yet.
    double credit = 1;
    SteadyTime credited{};
    SteadyTime searched{SteadyTime::min()};
  };

  Operation run(Now now, std::function<void()> done);
  // The instances that move their streams now, with a plan each.
  std::vector<domain::InstanceSnapshot> plan(const domain::FleetRecord& fleet, SteadyTime now);
  bool needs_search(const Plan& plan, SteadyTime now) const;
  void fill(Plan& plan, const HeldStreams& held, SteadyTime now);
  void ask_due(const domain::FleetRecord& fleet, const domain::InstanceRecord& instance, Plan& plan,
               Now now);
  void ask(const domain::InstanceRecord& instance, const domain::SessionId& session,
           const domain::InstanceRecord& target, Now now);
  domain::OnTheirWay on_their_way(SteadyTime now);

  RecordStore& store_;
  SessionOperations& sessions_;
  const Sink sink_;
  std::map<std::string, Plan> plans_;
  // Where publishers were sent of late.
  std::deque<std::pair<SteadyTime, std::string>> sent_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> begin_again_;
};

}  // namespace weir::control::store
