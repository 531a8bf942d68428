// weir.v1.InstanceService: the instances' lines, and what control knows of them. The negotiation of
// shutdowns is not served yet: its calls answer UNIMPLEMENTED.
#pragma once

#include <weir/v1/instance_service.grpc.pb.h>

#include "control_svc/rpc/attach_stream.h"

namespace weir::control::rpc {

// Owned by main, called by gRPC on its threads.
class InstanceService final : public weir::v1::InstanceService::CallbackService {
 public:
  explicit InstanceService(const AttachContext& context) : context_(context) {}

  grpc::ServerBidiReactor<weir::v1::AttachRequest, weir::v1::AttachResponse>* Attach(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* GetInstance(grpc::CallbackServerContext* context,
                                        const weir::v1::GetInstanceRequest* request,
                                        weir::v1::GetInstanceResponse* response) override;
  grpc::ServerUnaryReactor* ListInstances(grpc::CallbackServerContext* context,
                                          const weir::v1::ListInstancesRequest* request,
                                          weir::v1::ListInstancesResponse* response) override;

 private:
  weir::v1::Instance shown(const domain::InstanceRecord& instance, Now now) const;

  const AttachContext context_;
};

}  // namespace weir::control::rpc
