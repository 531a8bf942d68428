// weir.v1.InstanceService: the instances' lines, what control knows of them, and the negotiation of
// their shutdowns.
#pragma once

#include <weir/v1/instance_service.grpc.pb.h>

#include "control_svc/rpc/attach_stream.h"
#include "control_svc/rpc/unary_call.h"

namespace weir::control::rpc {

// CallbackService, but that Attach deals in bytes: see InstanceMessage.
using InstanceCalls = weir::v1::InstanceService;
using InstanceMethods =
    InstanceCalls::WithRawCallbackMethod_Attach<InstanceCalls::WithCallbackMethod_RequestShutdown<
        InstanceCalls::WithCallbackMethod_DrainInstance<
            InstanceCalls::WithCallbackMethod_CancelDrain<
                InstanceCalls::WithCallbackMethod_CordonInstance<
                    InstanceCalls::WithCallbackMethod_UncordonInstance<
                        InstanceCalls::WithCallbackMethod_SetDrainFreeze<
                            InstanceCalls::WithCallbackMethod_GetInstance<
                                InstanceCalls::WithCallbackMethod_ListInstances<
                                    InstanceCalls::Service>>>>>>>>>;

// Owned by main, called by gRPC on its threads.
class InstanceService final : public InstanceMethods {
 public:
  explicit InstanceService(const AttachContext& context)
      : context_(context),
        calls_(context.clock, context.metrics, weir::v1::InstanceService::service_full_name()) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Attach(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* RequestShutdown(grpc::CallbackServerContext* context,
                                            const weir::v1::RequestShutdownRequest* request,
                                            weir::v1::RequestShutdownResponse* response) override;
  grpc::ServerUnaryReactor* DrainInstance(grpc::CallbackServerContext* context,
                                          const weir::v1::DrainInstanceRequest* request,
                                          weir::v1::DrainInstanceResponse* response) override;
  grpc::ServerUnaryReactor* CancelDrain(grpc::CallbackServerContext* context,
                                        const weir::v1::CancelDrainRequest* request,
                                        weir::v1::CancelDrainResponse* response) override;
  grpc::ServerUnaryReactor* CordonInstance(grpc::CallbackServerContext* context,
                                           const weir::v1::CordonInstanceRequest* request,
                                           weir::v1::CordonInstanceResponse* response) override;
  grpc::ServerUnaryReactor* UncordonInstance(grpc::CallbackServerContext* context,
                                             const weir::v1::UncordonInstanceRequest* request,
                                             weir::v1::UncordonInstanceResponse* response) override;
  grpc::ServerUnaryReactor* SetDrainFreeze(grpc::CallbackServerContext* context,
                                           const weir::v1::SetDrainFreezeRequest* request,
                                           weir::v1::SetDrainFreezeResponse* response) override;
  grpc::ServerUnaryReactor* GetInstance(grpc::CallbackServerContext* context,
                                        const weir::v1::GetInstanceRequest* request,
                                        weir::v1::GetInstanceResponse* response) override;
  grpc::ServerUnaryReactor* ListInstances(grpc::CallbackServerContext* context,
                                          const weir::v1::ListInstancesRequest* request,
                                          weir::v1::ListInstancesResponse* response) override;

 private:
  weir::v1::Instance shown(const domain::InstanceRecord& instance, Now now) const;
  // Answers with the instance as it then is.
  template <class Response>
  auto answer_instance(const UnaryCall& call, Response* response) const;
  // Counts and answers what was decided.
  template <class Response>
  auto answer_shutdown(const UnaryCall& call, domain::ShutdownCause cause,
                       Response* response) const;

  const AttachContext context_;
  const UnaryCalls calls_;
};

}  // namespace weir::control::rpc
