// What control has yet to be told, kept across its absences.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "media_svc/control_link/session.h"

namespace weir::media::control_link {

// The sessions held here, renewals that wait for their batch and releases that control has not
// taken. Pure; ControlLink guards it with its mutex. A session is released once however often its
// end is told, and one that ended is not renewed again.
class Outbox {
 public:
  void hold(const Session& session);
  bool holds(const std::string& session_id) const { return held_.contains(session_id); }
  std::size_t held() const { return held_.size(); }
  // Ignored for sessions that are not held.
  void touch(const std::string& session_id);
  // No longer held; control is to be told.
  void release(const std::string& session_id);
  // No longer held, and control knows: nothing to tell.
  void forget(const std::string& session_id);

  // Renewals, at most `limit`; they are no longer waiting.
  std::vector<std::string> take_touches(std::size_t limit);

  // Releases that are not under way; under way from now on.
  std::vector<std::string> take_releases();
  void release_taken(const std::string& session_id) { releases_under_way_.erase(session_id); }
  // The release did not arrive: it is taken again later.
  void release_lost(const std::string& session_id);
  bool has_releases() const { return !releases_.empty(); }
  std::size_t open_releases() const { return releases_.size() + releases_under_way_.size(); }

 private:
  std::unordered_map<std::string, Session> held_;
  std::unordered_set<std::string> touches_;
  std::vector<std::string> releases_;
  std::unordered_set<std::string> releases_under_way_;
};

}  // namespace weir::media::control_link
