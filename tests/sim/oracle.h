// What must hold whatever happens: the invariants of sessions, checked from outside.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_settings.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/settings.h"
#include "control_svc/domain/shutdown_rules.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/stream_move.h"
#include "control_svc/domain/user_record.h"
#include "control_svc/store/record_store.h"
#include "tests/sim/names.h"
#include "tests/sim/settings.h"
#include "tests/sim/timeline.h"

namespace weir::sim {

// A decision is made with the time at which it was asked for; its commit may come later, after
// others were quicker. Where the books can't see the time of asking they allow for that.
inline constexpr Duration kDecisionAge{1'000};

struct Violation {
  std::string what;
  // User, sessions and streams that it is about.
  std::vector<std::string> about;
};

// Keeps its own books of every session, from the commits, answers and events that it is shown; it
// computes deadlines from the specification, not from the records.
class Oracle {
 public:
  Oracle(const Timeline& timeline, domain::Settings settings)
      : timeline_(timeline), settings_(settings) {}

  // A record was committed in memory; a crash may still undo it.
  void user_committed(const domain::UserRecord& record);
  void claim_committed(const domain::StreamClaim& claim, bool removed);
  // An event was told to the world: what it says can't be undone.
  void event_told(const domain::Event& told);

  // Control answered; whether or not the answer arrives.
  void admission_answered(const domain::AdmitRequest& request, SteadyTime asked,
                          const domain::Outcome<domain::AdmitAnswer>& outcome);
  void touch_asked(const std::string& session);
  // Renewed at the time of asking, or not.
  void touch_answered(const std::string& session, SteadyTime asked, bool renewed, bool by_holder);

  // Control heard this process of an instance.
  void instance_heard(const std::string& instance, const std::string& incarnation);
  // The fleet's record was committed: whose drain began, and whether it may.
  void fleet_committed(const domain::FleetRecord& fleet);
  void shutdown_answered(const domain::ShutdownRequest& request,
                         const domain::ShutdownAnswer& answer);
  // An operator insists: this instance may go beyond the share.
  void drain_forced(const std::string& instance) { forced_.insert(instance); }
  // Control sends a publisher somewhere.
  void move_ordered(const domain::MoveOrder& order);
  // An instance says that it holds the session: it may come back from an expiry.
  void held_asserted(const std::string& session);

  // Control is gone, and with it what it had not written.
  void control_killed() {
    known_fleet_.reset();
    closed_since_.clear();
  }
  // Control is up again with what was on its disk.
  void control_restarted(store::RecordStore& records);
  // Looks at everything.
  void check_all(store::RecordStore& records);

  const std::optional<Violation>& violation() const { return violation_; }
  std::uint64_t sessions_seen() const { return sessions_seen_; }
  std::size_t live_sessions() const;
  std::uint64_t events_seen() const { return events_seen_; }
  std::uint64_t instances_lost() const { return instances_lost_; }
  std::uint64_t drains_begun() const { return drains_begun_; }
  std::uint64_t drains_denied() const { return drains_denied_; }
  std::uint64_t drains_cancelled() const { return drains_cancelled_; }
  std::uint64_t moves_ordered() const { return moves_ordered_; }

 private:
  struct Book {
    std::string user;
    std::string stream;
    domain::SessionKind kind{};
    domain::SessionState state{};
    bool interrupted = false;
    std::int64_t epoch = 0;
    SteadyTime last_touch{};
    // When it was committed in this state.
    SteadyTime as_it_is_since{};
    // Not before it may the session lapse.
    SteadyTime deadline{};
    bool answered = false;
    // Asserted by its instance: may have come back, and beyond the limit.
    bool asserted = false;
    // Of the newest answer: an epoch is its session's once it was told.
    std::int64_t answered_epoch = 0;
    bool admitted_told = false;
    bool end_told = false;
    int touches_under_way = 0;

    bool live() const { return state != domain::SessionState::kEnded; }
  };
  struct ClaimBook {
    std::int64_t epoch = 0;
    std::string holder;
    SteadyTime since{};
  };

  void fail(std::string what, std::vector<std::string> about);
  void look_at(const domain::UserRecord& record, const domain::Session& session);
  void instance_event(const domain::InstanceEvent& event);
  void check_silence(const domain::InstanceEvent& event);
  // `before`: as it was committed last; null when it is new.
  void instance_committed(const domain::FleetRecord& fleet, const domain::InstanceSnapshot& before,
                          const domain::InstanceRecord& instance);
  // Looks for those that `fleet` has no more among what was known, from place `first` to `last`.
  void look_for_forgotten(const domain::FleetRecord& fleet, std::size_t first, std::size_t last);
  void check_drain(const domain::InstanceRecord& before, const domain::InstanceRecord& instance);
  void check_choice(const domain::FleetRecord& fleet, const domain::InstanceRecord& instance);
  void check_drain_ends();
  void check_lost(const Book& book, const std::string& id, std::uint32_t holder);
  void check_overtaken(const Book& book, const std::string& id);
  void check_end_time(const domain::Session& session);
  void check_lapse(const Book& book, const std::string& id);
  void check_limit(const domain::UserRecord& record, domain::SessionKind kind);
  void check_forgotten(const domain::UserRecord& record);
  void check_place(const domain::AdmitRequest& request, SteadyTime asked,
                   const domain::AdmitAnswer& answer);
  void check_refused_limit(const domain::Refusal& refusal, SteadyTime asked);
  void check_request_id(const domain::AdmitRequest& request, SteadyTime asked,
                        const std::string& session);
  void check_record(const domain::UserRecord& record);
  void check_epochs(const std::map<std::string, std::int64_t>& epochs);
  SteadyTime earliest_end(const Book& book, SteadyTime since) const;

  const Timeline& timeline_;
  const domain::Settings settings_;
  const domain::FleetSettings fleet_ = fleet_rules();
  std::map<std::string, Book> books_;
  std::map<std::string, std::vector<std::string>> sessions_of_user_;
  std::map<std::string, ClaimBook> claims_;
  struct Remembered {
    std::string session;
    SteadyTime since;
  };
  std::map<std::pair<std::string, std::string>, Remembered> requests_;
  // When each process was last heard: at last, and more than kDecisionAge before that.
  struct Process {
    std::string incarnation;
    std::deque<SteadyTime> heard;
  };
  std::map<std::string, Process> processes_;
  // By digest: those whose sessions have to be interrupted, and since when.
  struct LostProcess {
    std::string instance;
    SteadyTime since;
  };
  std::map<std::uint32_t, LostProcess> lost_;
  // As last committed by this life of control.
  std::optional<domain::FleetRecord> known_fleet_;
  // Since when an instance takes no streams, and since when it is lost or stopped; by its record.
  std::map<std::string, SteadyTime> closed_since_;
  std::map<std::string, SteadyTime> gone_since_;
  std::set<std::string> forced_;
  SteadyTime control_up_since_{};
  std::set<std::string> asserted_;
  bool restoring_ = false;
  SteadyTime hold_until_ = SteadyTime::min();
  std::optional<Violation> violation_;
  std::uint64_t sessions_seen_ = 0;
  std::uint64_t events_seen_ = 0;
  std::uint64_t instances_lost_ = 0;
  std::uint64_t drains_begun_ = 0;
  std::uint64_t drains_denied_ = 0;
  std::uint64_t drains_cancelled_ = 0;
  std::uint64_t moves_ordered_ = 0;
};

}  // namespace weir::sim
