// What is counted about calls that no event tells: refusals, renewals and asked shutdowns.
#pragma once

#include <cstddef>
#include <vector>

#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/shutdown_rules.h"

namespace weir::control::rpc {

// How one renewal went; `kRefused` is a session that is not the caller's.
enum class TouchResult { kRenewed, kNotFound, kEnded, kRefused };

// What somebody said who is not the holder any more.
enum class StaleWrite { kAdmission, kHello, kSessionEvent };

// Called by the services, on any thread, once a request.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void on_admission(domain::SessionKind kind,
                            const domain::Outcome<domain::AdmitAnswer>& outcome) = 0;
  virtual void on_touches(TouchResult result, std::size_t count) = 0;
  virtual void on_stale_write(StaleWrite what) = 0;
  virtual void on_shutdown_request(domain::ShutdownCause cause,
                                   const domain::Outcome<domain::ShutdownAnswer>& outcome) = 0;
};

// Reports how a batch of `asked` touches went.
void count_touches(SessionObserver& observer, std::size_t asked,
                   const std::vector<domain::TouchFailure>& failures);

}  // namespace weir::control::rpc
