// How a refusal reads in RTMP: a code that encoders know, and a text that says why and when to
// retry.
#pragma once

#include <optional>
#include <string>

#include "media_svc/control_link/session.h"
#include "media_svc/rtmp/status.h"

namespace weir::media::net {

struct RefusalStatus {
  rtmp::StatusCode code = rtmp::StatusCode::kPublishDenied;
  std::string description;
  // Where the client should go instead.
  std::optional<control_link::Route> place = {};
};

// Control's refusal, told to a publisher or player.
RefusalStatus status_of(const control_link::Refusal& refusal, control_link::SessionKind kind);
// A refusal of our own, from before or after control was asked.
RefusalStatus denied(control_link::SessionKind kind, std::string description);

}  // namespace weir::media::net
