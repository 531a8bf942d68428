#include "control_svc/rpc/session_service.h"

#include <utility>
#include <vector>

#include "common/grpc/proto_time.h"
#include "control_svc/rpc/audit.h"
#include "control_svc/rpc/caller.h"
#include "control_svc/rpc/conversions.h"

namespace weir::control::rpc {
namespace {

using domain::Outcome;
using domain::UserSession;

TouchResult result_of(const Outcome<UserSession>& outcome) {
  if (outcome) return TouchResult::kRenewed;
  switch (outcome.error().reason) {
    case domain::RefusalReason::kSessionNotFound:
      return TouchResult::kNotFound;
    case domain::RefusalReason::kSessionEnded:
      return TouchResult::kEnded;
    default:
      return TouchResult::kRefused;
  }
}

void fill_failure(const domain::TouchFailure& failure, const std::string& session_id,
                  weir::v1::TouchFailure& proto) {
  proto.set_session_id(session_id);
  proto.set_reason(
      std::string(reason_name(failure.found ? domain::RefusalReason::kSessionEnded
                                            : domain::RefusalReason::kSessionNotFound)));
  proto.set_end_reason(to_proto(failure.end_reason));
}

// The callback of every operation that answers with the one session it was about.
template <class Response>
auto answer_session(const UnaryCall& call, Response* response) {
  return [call, response](const Outcome<UserSession>& outcome) {
    call.answer(outcome, [&](const UserSession& held) {
      fill(held, call.now(), *response->mutable_session());
    });
  };
}

auto answer_limits(const UnaryCall& call, weir::v1::UserLimits* limits) {
  return [call, limits](const Outcome<domain::UserLimitsAnswer>& outcome) {
    call.answer(outcome,
                [&](const domain::UserLimitsAnswer& answer) { *limits = to_proto(answer); });
  };
}

}  // namespace

SessionService::SessionService(store::SessionOperations& operations, const Clock& clock,
                               SessionObserver& observer, LargeAnswers& answers,
                               wire::ServerMetrics& metrics)
    : operations_(operations),
      calls_(clock, metrics, weir::v1::SessionService::service_full_name()),
      observer_(observer),
      answers_(answers) {
  SetMessageAllocatorFor_AdmitSession(&admissions_);
}

grpc::ServerUnaryReactor* SessionService::AdmitSession(grpc::CallbackServerContext* context,
                                                       const weir::v1::AdmitSessionRequest* request,
                                                       weir::v1::AdmitSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  domain::AdmitRequest asked = to_domain(*request);
  const domain::SessionKind kind = asked.kind;
  operations_.admit(
      std::move(asked), call.now(),
      [this, call, kind, response](const Outcome<domain::AdmitAnswer>& outcome) {
        observer_.on_admission(kind, outcome);
        call.answer(outcome, [&](const domain::AdmitAnswer& answer) {
          fill(answer.session, answer.user_id.view(), call.now(), *response->mutable_session());
          wire::fill(operations_.settings().touch_interval(), *response->mutable_touch_interval());
          if (!answer.route.empty()) *response->mutable_route() = to_proto(answer.route);
          response->set_resumed(answer.resumed);
        });
      });
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::TouchSession(grpc::CallbackServerContext* context,
                                                       const weir::v1::TouchSessionRequest* request,
                                                       weir::v1::TouchSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.touch(
      to_domain(*request), call.now(),
      [this, answer = answer_session(call, response)](const Outcome<UserSession>& outcome) {
        observer_.on_touches(result_of(outcome), 1);
        answer(outcome);
      });
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::BatchTouchSessions(
    grpc::CallbackServerContext* context, const weir::v1::BatchTouchSessionsRequest* request,
    weir::v1::BatchTouchSessionsResponse* response) {
  const UnaryCall call(context, calls_, __func__, answers_, *response);
  if (!call.accept(*request)) return call.reactor();
  const auto& session_ids = request->session_ids();
  operations_.touch_many(
      to_sessions(session_ids), 0, call.now(),
      [this, call, &session_ids,
       response](const Outcome<std::vector<domain::TouchFailure>>& outcome) {
        call.answer(outcome, [&](const std::vector<domain::TouchFailure>& failures) {
          count_touches(observer_, static_cast<std::size_t>(session_ids.size()), failures);
          for (const domain::TouchFailure& failure : failures) {
            fill_failure(failure, session_ids[static_cast<int>(failure.place)],
                         *response->add_failures());
          }
        });
      });
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::PauseSession(grpc::CallbackServerContext* context,
                                                       const weir::v1::PauseSessionRequest* request,
                                                       weir::v1::PauseSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.pause(request->session_id(), call.now(), answer_session(call, response));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::ResumeSession(
    grpc::CallbackServerContext* context, const weir::v1::ResumeSessionRequest* request,
    weir::v1::ResumeSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.resume(request->session_id(), call.now(), answer_session(call, response));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::SwitchStream(grpc::CallbackServerContext* context,
                                                       const weir::v1::SwitchStreamRequest* request,
                                                       weir::v1::SwitchStreamResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.switch_stream(to_domain(*request), call.now(),
                            [call, response](const Outcome<domain::SwitchAnswer>& outcome) {
                              call.answer(outcome, [&](const domain::SwitchAnswer& answer) {
                                fill(answer.held, call.now(), *response->mutable_session());
                                if (!answer.route.empty())
                                  *response->mutable_route() = to_proto(answer.route);
                              });
                            });
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::ReleaseSession(
    grpc::CallbackServerContext* context, const weir::v1::ReleaseSessionRequest* request,
    weir::v1::ReleaseSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.release(request->session_id(), call.now(), answer_session(call, response));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::KickSession(grpc::CallbackServerContext* context,
                                                      const weir::v1::KickSessionRequest* request,
                                                      weir::v1::KickSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  const std::string caller = caller_of(*context);
  operations_.kick(to_domain(*request, caller), call.now(),
                   audited({.event = "audit.kick",
                            .caller = caller,
                            .target = request->session_id(),
                            .message = request->message()},
                           answer_session(call, response)));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::GetSession(grpc::CallbackServerContext* context,
                                                     const weir::v1::GetSessionRequest* request,
                                                     weir::v1::GetSessionResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.get(request->session_id(), call.now(), answer_session(call, response));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::ListSessions(grpc::CallbackServerContext* context,
                                                       const weir::v1::ListSessionsRequest* request,
                                                       weir::v1::ListSessionsResponse* response) {
  const UnaryCall call(context, calls_, __func__, answers_, *response);
  if (!call.accept(*request)) return call.reactor();
  operations_.list(to_domain(*request), call.now(),
                   [call, response](const Outcome<domain::SessionPage>& outcome) {
                     call.answer(outcome, [&](const domain::SessionPage& page) {
                       for (const UserSession& held : page.sessions) {
                         fill(held, call.now(), *response->add_sessions());
                       }
                       response->set_next_page_token(page.next_page_token);
                     });
                   });
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::ListBlocks(grpc::CallbackServerContext* context,
                                                     const weir::v1::ListBlocksRequest* request,
                                                     weir::v1::ListBlocksResponse* response) {
  const UnaryCall call(context, calls_, __func__, answers_, *response);
  if (!call.accept(*request)) return call.reactor();
  operations_.list_blocks(to_domain(*request), call.now(),
                          [call, response](const Outcome<domain::BlockPage>& outcome) {
                            call.answer(outcome, [&](const domain::BlockPage& page) {
                              for (const domain::UserBlock& block : page.blocks) {
                                *response->add_blocks() = to_proto(block, call.now());
                              }
                              response->set_next_page_token(page.next_page_token);
                            });
                          });
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::Unblock(grpc::CallbackServerContext* context,
                                                  const weir::v1::UnblockRequest* request,
                                                  weir::v1::UnblockResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  const auto answer = [call, response](const Outcome<int>& outcome) {
    call.answer(outcome, [&](int removed) { response->set_removed(removed); });
  };
  operations_.unblock(request->user_id(), request->stream_id(), call.now(),
                      audited({.event = "audit.unblock",
                               .caller = caller_of(*context),
                               .target = request->user_id(),
                               .message = request->stream_id()},
                              answer));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::GetUserLimits(
    grpc::CallbackServerContext* context, const weir::v1::GetUserLimitsRequest* request,
    weir::v1::GetUserLimitsResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.get_limits(request->user_id(), call.now(),
                         answer_limits(call, response->mutable_limits()));
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::UpdateUserLimits(
    grpc::CallbackServerContext* context, const weir::v1::UpdateUserLimitsRequest* request,
    weir::v1::UpdateUserLimitsResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  operations_.update_limits(to_domain(*request), call.now(),
                            audited({.event = "audit.limits",
                                     .caller = caller_of(*context),
                                     .target = request->limits().user_id(),
                                     .message = request->limits().ShortDebugString()},
                                    answer_limits(call, response->mutable_limits())));
  return call.reactor();
}

}  // namespace weir::control::rpc
