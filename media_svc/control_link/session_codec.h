// Between control's protobuf messages and the values of session.h.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "media_svc/control_link/session.h"
#include "weir/v1/session_service.pb.h"

namespace weir::media::control_link {

// Who asks. Empty ids where control is asked as by an application, without Attach.
struct InstanceIdentity {
  std::string instance_id;
  std::string incarnation;
};

v1::AdmitSessionRequest to_proto(const AdmissionRequest& request, const InstanceIdentity& from,
                                 const std::string& request_id);
Session session_from(const v1::AdmitSessionResponse& response);
// Reads ErrorInfo and RetryInfo where the status carries them.
Refusal refusal_from(const grpc::Status& status);
// "kicked" for END_REASON_KICKED.
std::string reason_text(v1::EndReason reason);
// "UNAVAILABLE", as the metrics of gRPC name it.
const char* code_text(grpc::StatusCode code);

}  // namespace weir::media::control_link
