// The shape of every request: pure functions of the message, called before anything is decided.
// Whether a well-formed request is allowed is the domain's question.
#pragma once

#include <weir/v1/event_service.pb.h>
#include <weir/v1/instance_service.pb.h>
#include <weir/v1/session_service.pb.h>
#include <weir/v1/stream_service.pb.h>

#include <cstdint>

#include "control_svc/domain/field_check.h"

namespace weir::control::rpc {

inline constexpr int kMaxBatchTouches = 10'000;
// Of one HeldSessions or Touches message.
inline constexpr int kMaxSessionsAMessage = 1'000;
// Of a session that an instance brings back: the stream's next ones come after it.
inline constexpr std::int64_t kMaxHeldEpoch = std::int64_t{1} << 62;
inline constexpr int kMaxReplacedSessions = 100;
inline constexpr int kMaxFilterValues = 100;

domain::FieldCheck validate(const weir::v1::AdmitSessionRequest& request);
domain::FieldCheck validate(const weir::v1::TouchSessionRequest& request);
// Only the length of the list: an id that is no id is one more that is not live.
domain::FieldCheck validate(const weir::v1::BatchTouchSessionsRequest& request);
domain::FieldCheck validate(const weir::v1::PauseSessionRequest& request);
domain::FieldCheck validate(const weir::v1::ResumeSessionRequest& request);
domain::FieldCheck validate(const weir::v1::SwitchStreamRequest& request);
domain::FieldCheck validate(const weir::v1::ReleaseSessionRequest& request);
domain::FieldCheck validate(const weir::v1::KickSessionRequest& request);
domain::FieldCheck validate(const weir::v1::GetSessionRequest& request);
domain::FieldCheck validate(const weir::v1::ListSessionsRequest& request);
domain::FieldCheck validate(const weir::v1::ListBlocksRequest& request);
domain::FieldCheck validate(const weir::v1::UnblockRequest& request);
domain::FieldCheck validate(const weir::v1::GetUserLimitsRequest& request);
domain::FieldCheck validate(const weir::v1::UpdateUserLimitsRequest& request);

// Messages of an Attach stream.
domain::FieldCheck validate(const weir::v1::Hello& hello);
domain::FieldCheck validate(const weir::v1::HeldSessions& held);
domain::FieldCheck validate(const weir::v1::Report& report);
// Of Touches, whose ids are checked like those of a BatchTouchSessionsRequest.
domain::FieldCheck validate_touches(std::size_t sessions);
domain::FieldCheck validate(const weir::v1::SessionEvent& event);

domain::FieldCheck validate(const weir::v1::RequestShutdownRequest& request);
domain::FieldCheck validate(const weir::v1::DrainInstanceRequest& request);
domain::FieldCheck validate(const weir::v1::CancelDrainRequest& request);
domain::FieldCheck validate(const weir::v1::CordonInstanceRequest& request);
domain::FieldCheck validate(const weir::v1::UncordonInstanceRequest& request);
domain::FieldCheck validate(const weir::v1::SetDrainFreezeRequest& request);
domain::FieldCheck validate(const weir::v1::GetInstanceRequest& request);
domain::FieldCheck validate(const weir::v1::ListInstancesRequest& request);
domain::FieldCheck validate(const weir::v1::PickInstanceRequest& request);
domain::FieldCheck validate(const weir::v1::GetStreamRequest& request);
domain::FieldCheck validate(const weir::v1::ListStreamsRequest& request);
domain::FieldCheck validate(const weir::v1::MoveLiveStreamRequest& request);
domain::FieldCheck validate(const weir::v1::WatchEventsRequest& request);

}  // namespace weir::control::rpc
