// Between the messages of weir/v1 and the domain's values. Pure functions; requests are taken only
// after `validate` found nothing wrong with them.
#pragma once

#include <weir/v1/instance_service.pb.h>
#include <weir/v1/session_service.pb.h>

#include "common/clock.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/domain/requests.h"

namespace weir::control::rpc {

// `session` as a reader sees it (see domain::as_seen); `now` puts its deadline on the wall clock.
// `proto` is empty before.
void fill(const domain::Session& session, std::string_view user_id, Now now,
          weir::v1::Session& proto);
void fill(const domain::UserSession& held, Now now, weir::v1::Session& proto);
weir::v1::Route to_proto(const domain::Route& route);
weir::v1::MediaSummary to_proto(const domain::MediaSummary& media);
weir::v1::Block to_proto(const domain::UserBlock& held, Now now);
weir::v1::UserLimits to_proto(const domain::UserLimitsAnswer& answer);
weir::v1::EndReason to_proto(domain::EndReason reason);

// `sighting` is what was heard of it last, if it is attached or was not long ago.
weir::v1::Instance to_proto(const domain::InstanceRecord& instance,
                            const domain::InstanceSighting* sighting, Now now);

domain::AdmitRequest to_domain(const weir::v1::AdmitSessionRequest& request);
domain::TouchRequest to_domain(const weir::v1::TouchSessionRequest& request);
domain::SwitchRequest to_domain(const weir::v1::SwitchStreamRequest& request);
domain::SessionFilter to_domain(const weir::v1::ListSessionsRequest& request);
domain::BlockFilter to_domain(const weir::v1::ListBlocksRequest& request);
domain::LimitsUpdate to_domain(const weir::v1::UpdateUserLimitsRequest& request);
// `by` is the caller, as the session's ended_by and the audit log name it.
domain::KickRequest to_domain(const weir::v1::KickSessionRequest& request, std::string by);

// An id that nobody can have been given becomes an empty one.
std::vector<domain::SessionId> to_sessions(
    const google::protobuf::RepeatedPtrField<std::string>& session_ids);
domain::InstanceHello to_domain(const weir::v1::Hello& hello);
// With its user, also where that is an anonymous one.
domain::HeldSession to_domain(const weir::v1::HeldSession& held);
domain::Load to_domain(const weir::v1::Load& load);
// Without the instance, and when that was.
domain::InstanceSighting to_domain(const weir::v1::Report& report);
// Without the session, whose id may be none.
domain::SessionReport to_domain(const weir::v1::SessionEvent& event);

}  // namespace weir::control::rpc
