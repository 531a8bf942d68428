// Between control's protobuf messages and the values of order.h.
#pragma once

#include <grpcpp/support/status.h>

#include <optional>

#include "media_svc/control_link/instance_status.h"
#include "media_svc/control_link/order.h"
#include "media_svc/control_link/session_codec.h"
#include "weir/v1/instance_service.pb.h"

namespace weir::media::control_link {

v1::Load to_proto(const InstanceStatus& status);
v1::RequestShutdownRequest to_proto(const ShutdownRequest& request, const InstanceIdentity& from,
                                    const InstanceStatus& status);
ShutdownAnswer answer_from(const grpc::Status& status, const v1::RequestShutdownResponse& response);
// Nothing where the message is not an order about sessions or this instance.
std::optional<Order> order_from(const v1::AttachResponse& response);

}  // namespace weir::media::control_link
