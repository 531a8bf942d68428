// weir.v1.SessionService over the store's operations: checks a request's shape, translates it,
// asks, translates the answer. Keeps nothing of its own.
#pragma once

#include <weir/v1/session_service.grpc.pb.h>

#include "common/clock.h"
#include "common/grpc/arena_messages.h"
#include "control_svc/rpc/large_answers.h"
#include "control_svc/rpc/session_observer.h"
#include "control_svc/rpc/unary_call.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::rpc {

// Owned by main, called by gRPC on its threads. Everything it refers to outlives the server that
// it is registered with.
class SessionService final : public weir::v1::SessionService::CallbackService {
 public:
  SessionService(store::SessionOperations& operations, const Clock& clock,
                 SessionObserver& observer, LargeAnswers& answers, wire::ServerMetrics& metrics);

  grpc::ServerUnaryReactor* AdmitSession(grpc::CallbackServerContext* context,
                                         const weir::v1::AdmitSessionRequest* request,
                                         weir::v1::AdmitSessionResponse* response) override;
  grpc::ServerUnaryReactor* TouchSession(grpc::CallbackServerContext* context,
                                         const weir::v1::TouchSessionRequest* request,
                                         weir::v1::TouchSessionResponse* response) override;
  grpc::ServerUnaryReactor* BatchTouchSessions(
      grpc::CallbackServerContext* context, const weir::v1::BatchTouchSessionsRequest* request,
      weir::v1::BatchTouchSessionsResponse* response) override;
  grpc::ServerUnaryReactor* PauseSession(grpc::CallbackServerContext* context,
                                         const weir::v1::PauseSessionRequest* request,
                                         weir::v1::PauseSessionResponse* response) override;
  grpc::ServerUnaryReactor* ResumeSession(grpc::CallbackServerContext* context,
                                          const weir::v1::ResumeSessionRequest* request,
                                          weir::v1::ResumeSessionResponse* response) override;
  grpc::ServerUnaryReactor* SwitchStream(grpc::CallbackServerContext* context,
                                         const weir::v1::SwitchStreamRequest* request,
                                         weir::v1::SwitchStreamResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseSession(grpc::CallbackServerContext* context,
                                           const weir::v1::ReleaseSessionRequest* request,
                                           weir::v1::ReleaseSessionResponse* response) override;
  grpc::ServerUnaryReactor* KickSession(grpc::CallbackServerContext* context,
                                        const weir::v1::KickSessionRequest* request,
                                        weir::v1::KickSessionResponse* response) override;
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context,
                                       const weir::v1::GetSessionRequest* request,
                                       weir::v1::GetSessionResponse* response) override;
  grpc::ServerUnaryReactor* ListSessions(grpc::CallbackServerContext* context,
                                         const weir::v1::ListSessionsRequest* request,
                                         weir::v1::ListSessionsResponse* response) override;
  grpc::ServerUnaryReactor* ListBlocks(grpc::CallbackServerContext* context,
                                       const weir::v1::ListBlocksRequest* request,
                                       weir::v1::ListBlocksResponse* response) override;
  grpc::ServerUnaryReactor* Unblock(grpc::CallbackServerContext* context,
                                    const weir::v1::UnblockRequest* request,
                                    weir::v1::UnblockResponse* response) override;
  grpc::ServerUnaryReactor* GetUserLimits(grpc::CallbackServerContext* context,
                                          const weir::v1::GetUserLimitsRequest* request,
                                          weir::v1::GetUserLimitsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateUserLimits(grpc::CallbackServerContext* context,
                                             const weir::v1::UpdateUserLimitsRequest* request,
                                             weir::v1::UpdateUserLimitsResponse* response) override;

 private:
  store::SessionOperations& operations_;
  const UnaryCalls calls_;
  SessionObserver& observer_;
  LargeAnswers& answers_;
  wire::ArenaMessages<weir::v1::AdmitSessionRequest, weir::v1::AdmitSessionResponse> admissions_;
};

}  // namespace weir::control::rpc
