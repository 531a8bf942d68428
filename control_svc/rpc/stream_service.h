// weir.v1.StreamService: which streams are live and where, and where a new one should go. Moving
// one is not served yet and answers UNIMPLEMENTED.
#pragma once

#include <weir/v1/stream_service.grpc.pb.h>

#include "common/clock.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/store/record_store.h"

namespace weir::control::rpc {

// Owned by main, called by gRPC on its threads.
class StreamService final : public weir::v1::StreamService::CallbackService {
 public:
  StreamService(store::RecordStore& store, store::FleetOperations& fleet, const Clock& clock)
      : store_(store), fleet_(fleet), clock_(clock) {}

  grpc::ServerUnaryReactor* PickInstance(grpc::CallbackServerContext* context,
                                         const weir::v1::PickInstanceRequest* request,
                                         weir::v1::PickInstanceResponse* response) override;
  grpc::ServerUnaryReactor* GetStream(grpc::CallbackServerContext* context,
                                      const weir::v1::GetStreamRequest* request,
                                      weir::v1::GetStreamResponse* response) override;
  grpc::ServerUnaryReactor* ListStreams(grpc::CallbackServerContext* context,
                                        const weir::v1::ListStreamsRequest* request,
                                        weir::v1::ListStreamsResponse* response) override;

 private:
  store::RecordStore& store_;
  store::FleetOperations& fleet_;
  const Clock& clock_;
};

}  // namespace weir::control::rpc
