// The life of one unary call in a handler: a request of bad shape is answered at once, the others
// when the store has answered.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <utility>

#include "common/clock.h"
#include "common/grpc/status.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/rpc/large_answers.h"
#include "control_svc/rpc/status_map.h"
#include "control_svc/rpc/validation.h"

namespace weir::control::rpc {

// A small value, copied into the store's callback, which ends the call; gRPC keeps request,
// response and reactor alive until then.
class UnaryCall {
 public:
  UnaryCall(grpc::CallbackServerContext* context, Now now)
      : reactor_(context->DefaultReactor()), now_(now) {}
  // A call whose answer may be large: it counts until its caller has taken the answer.
  UnaryCall(grpc::CallbackServerContext* context, Now now, LargeAnswers& answers) : now_(now) {
    auto permit = answers.take(context->peer());
    permitted_ = permit.has_value();
    // gRPC ends it with OnDone.
    reactor_ = std::make_unique<PermittedReactor>(std::move(permit)).release();
  }

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }
  Now now() const { return now_; }

  // Whether the request may go on; if not, the call is ended with what is wrong.
  template <class Request>
  bool accept(const Request& request) const {
    if (!permitted_) {
      reactor_->Finish(too_many_unread());
      return false;
    }
    const auto refusal = validate(request).refusal();
    if (refusal) reactor_->Finish(to_status(*refusal, now_));
    return !refusal;
  }

  // Ends the call: with the refusal, or once `fill(answer)` has written the response.
  template <class Answer, class Fill>
  void answer(const domain::Outcome<Answer>& outcome, Fill&& fill) const {
    if (outcome.has_error()) return refuse(outcome.error());
    std::forward<Fill>(fill)(*outcome);
    succeed();
  }

  void refuse(const domain::Refusal& refusal) const { reactor_->Finish(to_status(refusal, now_)); }
  void succeed() const { reactor_->Finish(grpc::Status::OK); }

 private:
  class PermittedReactor final : public grpc::ServerUnaryReactor {
   public:
    explicit PermittedReactor(std::optional<LargeAnswers::Permit> permit)
        : permit_(std::move(permit)) {}
    void OnDone() override { delete this; }

   private:
    const std::optional<LargeAnswers::Permit> permit_;
  };

  static grpc::Status too_many_unread() {
    return wire::StatusBuilder(grpc::StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED",
                               "too many answers wait to be read")
        .retry_after(std::chrono::seconds{1})
        .build();
  }

  grpc::ServerUnaryReactor* reactor_;
  Now now_;
  bool permitted_ = true;
};

}  // namespace weir::control::rpc
