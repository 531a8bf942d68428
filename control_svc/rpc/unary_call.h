// The life of one unary call in a handler: a request of bad shape is answered at once, the others
// when the store has answered.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "common/grpc/server_metrics.h"
#include "common/grpc/status.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/rpc/large_answers.h"
#include "control_svc/rpc/status_map.h"
#include "control_svc/rpc/validation.h"

namespace weir::control::rpc {

// What all unary calls of one service need. Owned by the service.
class UnaryCalls {
 public:
  UnaryCalls(const Clock& clock, wire::ServerMetrics& metrics, const std::string& service)
      : clock_(clock), methods_(metrics.of_service(service)) {}

  Now now() const { return clock_.now(); }
  wire::ServerMetrics::Method& method(std::string_view name) const {
    return *methods_.find(name)->second;
  }

 private:
  const Clock& clock_;
  const wire::ServerMetrics::Methods methods_;
};

// A small value, copied into the store's callback, which ends the call; gRPC keeps request,
// response and reactor alive until then. It counts the call.
class UnaryCall {
 public:
  // `method`: the handler's name, which is its method's.
  UnaryCall(grpc::CallbackServerContext* context, const UnaryCalls& calls, std::string_view method)
      : UnaryCall(calls, method, context->DefaultReactor()) {}
  // A call whose answer may be large: it counts until its caller has taken the answer.
  UnaryCall(grpc::CallbackServerContext* context, const UnaryCalls& calls, std::string_view method,
            LargeAnswers& answers)
      : UnaryCall(calls, method, nullptr) {
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
      finish(too_many_unread());
      return false;
    }
    const auto refusal = validate(request).refusal();
    if (refusal) refuse(*refusal);
    return !refusal;
  }

  // Ends the call: with the refusal, or once `fill(answer)` has written the response.
  template <class Answer, class Fill>
  void answer(const domain::Outcome<Answer>& outcome, Fill&& fill) const {
    if (outcome.has_error()) return refuse(outcome.error());
    std::forward<Fill>(fill)(*outcome);
    succeed();
  }

  void refuse(const domain::Refusal& refusal) const { finish(to_status(refusal, now_)); }
  void succeed() const { finish(grpc::Status::OK); }

 private:
  UnaryCall(const UnaryCalls& calls, std::string_view method, grpc::ServerUnaryReactor* reactor)
      : reactor_(reactor), now_(calls.now()), metrics_(&calls.method(method)) {
    metrics_->count_started();
  }

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

  void finish(const grpc::Status& status) const {
    metrics_->count_handled(status.error_code());
    metrics_->observe(std::chrono::steady_clock::now() - began_);
    reactor_->Finish(status);
  }

  grpc::ServerUnaryReactor* reactor_;
  Now now_;
  wire::ServerMetrics::Method* metrics_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool permitted_ = true;
};

}  // namespace weir::control::rpc
