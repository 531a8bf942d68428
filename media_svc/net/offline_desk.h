// Admission at the instance's own word, while control can't be asked.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "media_svc/admission/offline_admission.h"
#include "media_svc/control_link/session.h"

namespace weir::media::net {

// Owned by main; asked and told by every worker and by the link to control. Its lock is taken once
// or twice a publisher, never for media.
class OfflineDesk {
 public:
  explicit OfflineDesk(admission::OfflineLimits limits);

  // What proves that a later publisher is the same one: a digest, under a key of this process, of
  // what it presents, and of where it comes from if it presents nothing.
  std::string identity_of(const control_link::AdmissionRequest& request) const;

  void started(const control_link::Session& session, std::string_view identity);
  void lost(const control_link::SessionKey& session, SteadyTime now);
  // By the client; or by control, which may be long after the connection.
  void ended(const control_link::SessionKey& session);

  // Control did not answer; it answers again.
  void control_lost(SteadyTime now);
  void control_back();

  // The session with which this publisher goes on, or nothing.
  std::optional<control_link::Session> resume(std::string_view stream_id, std::string_view identity,
                                              SteadyTime now) const;
  // Whether one more player may come in.
  bool admit_player(SteadyTime now);

 private:
  const std::string key_;
  mutable std::mutex mutex_;
  admission::OfflineAdmission admission_;
};

}  // namespace weir::media::net
