// What control has yet to be told, kept across its absences.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "media_svc/control_link/session.h"

namespace weir::media::control_link {

struct EndReport {
  // Rises by one with each report of this process.
  std::int64_t sequence = 0;
  std::string session_id;
  std::int64_t epoch = 0;
  MediaEnd how = MediaEnd::kInterrupted;
};

// The sessions held here, renewals that wait for their batch and ends that control has not taken.
// Pure; ControlLink guards it with its mutex. An end is reported once however often it is told,
// and a session that ended is not renewed again.
class Outbox {
 public:
  void hold(const Session& session);
  bool holds(const std::string& session_id) const { return held_.contains(session_id); }
  // Ignored for sessions that are not held.
  void touch(const std::string& session_id);
  void end(const std::string& session_id, MediaEnd how);
  // Control knows the end already: nothing to report.
  void forget(const std::string& session_id);

  // Renewals of live sessions, at most `limit`; they are no longer waiting.
  std::vector<std::string> take_touches(std::size_t limit);
  bool has_touches() const { return !touches_.empty(); }

  bool has_ends_to_send() const { return waiting_ends_ > 0; }
  // Ends that are not under way, in their order; under way from now on.
  std::vector<EndReport> take_ends();
  void end_taken(std::int64_t sequence);
  // The report did not arrive: it is taken again later.
  void end_lost(std::int64_t sequence);
  std::size_t open_ends() const { return ends_.size(); }

 private:
  struct PendingEnd {
    EndReport report;
    bool under_way = false;
  };

  std::unordered_map<std::string, Session> held_;
  std::unordered_set<std::string> touches_;
  std::map<std::int64_t, PendingEnd> ends_;
  std::size_t waiting_ends_ = 0;
  std::int64_t last_sequence_ = 0;
};

}  // namespace weir::media::control_link
