// What control has yet to be told, kept across its absences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/clock.h"
#include "media_svc/control_link/session.h"

namespace weir::media::control_link {

// The sessions held here, with what control needs to know them again, the events that it has not
// taken yet, the renewals that wait for their batch, and the sessions to give back. Pure;
// ControlLink guards it with its mutex.
class Outbox {
 public:
  struct Held {
    Session session;
    // Without the credential.
    AdmissionRequest admission;
    // As it was reported last.
    std::optional<MediaSummary> media = {};
    // Two while a connection that was taken over lingers.
    int holders = 1;
  };
  struct Event {
    // Rises by one with each event of this process.
    std::int64_t sequence = 0;
    SessionKey session;
    SessionReport report = SessionReport::kStarted;
    WallTime time;
    MediaSummary media;
  };

  // Once for each connection that holds it.
  void hold(const Session& session, AdmissionRequest admission);
  bool holds(const SessionKey& session) const { return held_.contains(session); }
  // One connection holds it no longer; nothing is told that `report` has not said.
  void let_go(const SessionKey& session);
  // No longer held, and never started: control gets it back, unless another connection goes on
  // with it.
  void give_back(const SessionKey& session);
  // Control ended the session for all who hold it with this epoch or an older one; with any, where
  // the epoch is 0.
  void ended_by_control(const std::string& session_id, std::int64_t epoch);
  // One batch's worth of held sessions after `previous`, in the order of their keys.
  std::vector<const Held*> held_after(const SessionKey* previous, std::size_t limit) const;

  // The following are ignored for sessions that are not held.
  void touch(const SessionKey& session);
  void report(const SessionKey& session, SessionReport report, WallTime now,
              MediaSummary media = {});

  std::size_t touches() const { return touches_.size(); }
  // At most `limit`; they are no longer waiting.
  std::vector<std::string> take_touches(std::size_t limit);

  // The next event to send; null if all are under way. The pointer lasts until the next call.
  const Event* next_event();
  bool has_event_to_send() const { return events_sent_ < events_.size(); }
  // All up to this one are stored.
  void events_taken(std::int64_t sequence);
  // What is under way is lost: all that is not taken is sent again.
  void resend();

  // Sessions to give back that are not under way; under way from now on.
  std::vector<std::string> take_releases();
  void release_taken(const std::string& session_id) { releases_under_way_.erase(session_id); }
  void release_lost(const std::string& session_id);

  // What control has not confirmed.
  std::size_t unconfirmed() const {
    return events_.size() + releases_.size() + releases_under_way_.size();
  }

 private:
  std::map<SessionKey, Held> held_;
  std::deque<Event> events_;
  std::size_t events_sent_ = 0;
  std::int64_t last_sequence_ = 0;
  std::unordered_set<std::string> touches_;
  std::vector<std::string> releases_;
  std::unordered_set<std::string> releases_under_way_;
};

}  // namespace weir::media::control_link
