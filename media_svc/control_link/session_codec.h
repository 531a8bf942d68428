// Between control's protobuf messages and the values of session.h.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "media_svc/control_link/order.h"
#include "media_svc/control_link/session.h"
#include "media_svc/control_link/stream_place.h"
#include "weir/v1/instance_service.pb.h"
#include "weir/v1/session_service.pb.h"
#include "weir/v1/stream_service.pb.h"

namespace weir::media::control_link {

// This process, as control knows it.
struct InstanceIdentity {
  std::string instance_id;
  std::string incarnation;
};

v1::AdmitSessionRequest to_proto(const AdmissionRequest& request, const InstanceIdentity& from,
                                 const std::string& request_id);
Session session_from(const v1::AdmitSessionResponse& response);
// Reads ErrorInfo and RetryInfo where the status carries them.
Refusal refusal_from(const grpc::Status& status);
v1::MediaSummary to_proto(const MediaSummary& media);
v1::SessionEventKind to_proto(SessionReport report);
EndOrder order_from(const v1::EndSession& end);
Route route_from(const v1::Route& route);
StreamPlace place_from(const v1::GetStreamResponse& response);
// "kicked" for END_REASON_KICKED.
std::string reason_text(v1::EndReason reason);

}  // namespace weir::media::control_link
