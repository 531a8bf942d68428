// weir.v1.StreamService: which streams are live and where, where a new one should go, and moving
// one to another instance.
#pragma once

#include <weir/v1/stream_service.grpc.pb.h>

#include "control_svc/rpc/attach_stream.h"
#include "control_svc/rpc/unary_call.h"
#include "control_svc/store/record_store.h"

namespace weir::control::rpc {

// Owned by main, called by gRPC on its threads.
class StreamService final : public weir::v1::StreamService::CallbackService {
 public:
  StreamService(store::RecordStore& store, const AttachContext& context)
      : store_(store),
        context_(context),
        calls_(context.clock, context.metrics, weir::v1::StreamService::service_full_name()) {}

  grpc::ServerUnaryReactor* PickInstance(grpc::CallbackServerContext* context,
                                         const weir::v1::PickInstanceRequest* request,
                                         weir::v1::PickInstanceResponse* response) override;
  grpc::ServerUnaryReactor* GetStream(grpc::CallbackServerContext* context,
                                      const weir::v1::GetStreamRequest* request,
                                      weir::v1::GetStreamResponse* response) override;
  grpc::ServerUnaryReactor* ListStreams(grpc::CallbackServerContext* context,
                                        const weir::v1::ListStreamsRequest* request,
                                        weir::v1::ListStreamsResponse* response) override;
  grpc::ServerUnaryReactor* MoveStream(grpc::CallbackServerContext* context,
                                       const weir::v1::MoveLiveStreamRequest* request,
                                       weir::v1::MoveLiveStreamResponse* response) override;

 private:
  store::RecordStore& store_;
  const AttachContext context_;
  const UnaryCalls calls_;
};

}  // namespace weir::control::rpc
