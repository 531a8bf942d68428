#include "control_svc/names.h"

namespace weir::control {

std::string_view name_of(domain::SessionKind kind) {
  return kind == domain::SessionKind::kPublish ? "publish" : "play";
}

std::string_view name_of(domain::SessionState state) {
  switch (state) {
    case domain::SessionState::kPending:
      return "pending";
    case domain::SessionState::kActive:
      return "active";
    case domain::SessionState::kIdle:
      return "idle";
    case domain::SessionState::kPaused:
      return "paused";
    case domain::SessionState::kEnded:
      return "ended";
  }
  return {};
}

std::string_view name_of(domain::EndReason reason) {
  switch (reason) {
    case domain::EndReason::kNone:
      return "none";
    case domain::EndReason::kReleased:
      return "released";
    case domain::EndReason::kExpired:
      return "expired";
    case domain::EndReason::kStartTimeout:
      return "start_timeout";
    case domain::EndReason::kPauseTimeout:
      return "pause_timeout";
    case domain::EndReason::kKicked:
      return "kicked";
    case domain::EndReason::kReplaced:
      return "replaced";
    case domain::EndReason::kMaxDuration:
      return "max_duration";
    case domain::EndReason::kDrainDeadline:
      return "drain_deadline";
    case domain::EndReason::kCompleted:
      return "completed";
    case domain::EndReason::kFailed:
      return "failed";
    case domain::EndReason::kSwitched:
      return "switched";
    case domain::EndReason::kMoved:
      return "moved";
  }
  return {};
}

std::string_view name_of(domain::InstanceState state) {
  switch (state) {
    case domain::InstanceState::kStarting:
      return "starting";
    case domain::InstanceState::kActive:
      return "active";
    case domain::InstanceState::kUnreachable:
      return "unreachable";
    case domain::InstanceState::kGrace:
      return "grace";
    case domain::InstanceState::kDraining:
      return "draining";
    case domain::InstanceState::kStopped:
      return "stopped";
    case domain::InstanceState::kLost:
      return "lost";
  }
  return {};
}

std::string_view name_of(domain::ShutdownCause cause) {
  switch (cause) {
    case domain::ShutdownCause::kLifetime:
      return "lifetime";
    case domain::ShutdownCause::kOperator:
      return "operator";
    case domain::ShutdownCause::kSigterm:
      return "sigterm";
    case domain::ShutdownCause::kPreemption:
      return "preemption";
    case domain::ShutdownCause::kUnhealthy:
      return "unhealthy";
  }
  return {};
}

std::string_view name_of(domain::DenialReason reason) {
  switch (reason) {
    case domain::DenialReason::kTooManyDraining:
      return "too_many_draining";
    case domain::DenialReason::kMinReady:
      return "min_ready";
    case domain::DenialReason::kNoCapacityElsewhere:
      return "no_capacity_elsewhere";
    case domain::DenialReason::kFrozen:
      return "frozen";
  }
  return {};
}

std::string_view name_of(domain::DrainOutcome outcome) {
  switch (outcome) {
    case domain::DrainOutcome::kEmptied:
      return "emptied";
    case domain::DrainOutcome::kDeadline:
      return "deadline";
    case domain::DrainOutcome::kCancelled:
      return "cancelled";
    case domain::DrainOutcome::kLost:
      return "lost";
  }
  return {};
}

std::string_view name_of(rpc::TouchResult result) {
  switch (result) {
    case rpc::TouchResult::kRenewed:
      return "renewed";
    case rpc::TouchResult::kNotFound:
      return "not_found";
    case rpc::TouchResult::kEnded:
      return "ended";
    case rpc::TouchResult::kRefused:
      return "refused";
  }
  return {};
}

std::string_view name_of(rpc::StaleWrite what) {
  switch (what) {
    case rpc::StaleWrite::kAdmission:
      return "admission";
    case rpc::StaleWrite::kHello:
      return "hello";
    case rpc::StaleWrite::kSessionEvent:
      return "session_event";
  }
  return {};
}

}  // namespace weir::control
