// What control says on an Attach stream, as messages. Pure functions.
#pragma once

#include <weir/v1/instance_service.pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/fleet_settings.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/stream_move.h"

namespace weir::control::rpc {

weir::v1::AttachResponse welcome(const domain::ReportRhythm& rhythm, std::string relay_key);
weir::v1::AttachResponse end_session(const domain::EndNotice& notice);
// What the instance said of a session was refused: its connection has to go.
weir::v1::AttachResponse end_refused(std::string session_id, std::int64_t epoch,
                                     const domain::Refusal& refusal);
weir::v1::AttachResponse move_stream(const domain::MoveOrder& order);
weir::v1::AttachResponse reattach(Duration within);
// All that the instance should do by its record, whatever it did before: a cordon or none; its
// drain, or that the last one is no more. An older drain's end is no news to a new incarnation.
std::vector<weir::v1::AttachResponse> orders(const domain::InstanceRecord& instance, Now now);

}  // namespace weir::control::rpc
