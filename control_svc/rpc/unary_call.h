// The life of one unary call in a handler: a request of bad shape is answered at once, the others
// when the store has answered.
#pragma once

#include <google/protobuf/message.h>
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
  // A call whose answer may be large: if it is, it counts until its caller has taken it.
  UnaryCall(grpc::CallbackServerContext* context, const UnaryCalls& calls, std::string_view method,
            LargeAnswers& answers, const google::protobuf::Message& response)
      : UnaryCall(calls, method, nullptr) {
    // gRPC ends it with OnDone.
    counted_ = std::make_unique<CountedReactor>(answers.take(context->peer()), response).release();
    reactor_ = counted_;
  }

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }
  Now now() const { return now_; }

  // Whether the request may go on; if not, the call is ended with what is wrong.
  template <class Request>
  bool accept(const Request& request) const {
    if (counted_ != nullptr && !counted_->permitted()) {
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

  class CountedReactor final : public grpc::ServerUnaryReactor {
   public:
    CountedReactor(std::optional<LargeAnswers::Permit> permit,
                   const google::protobuf::Message& response)
        : permit_(std::move(permit)), response_(response) {}
    void OnDone() override { delete this; }

    bool permitted() const { return permit_.has_value(); }
    // gRPC says that a call is over some time after its caller has the answer. Who asks for little,
    // and asks again at once, is not to wait for that.
    void forget_small_answer() {
      if (response_.ByteSizeLong() <= LargeAnswers::kSmall) permit_.reset();
    }

   private:
    std::optional<LargeAnswers::Permit> permit_;
    const google::protobuf::Message& response_;
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
    if (counted_ != nullptr) counted_->forget_small_answer();
    reactor_->Finish(status);
  }

  grpc::ServerUnaryReactor* reactor_;
  // The same, where the answer may be large.
  CountedReactor* counted_ = nullptr;
  Now now_;
  wire::ServerMetrics::Method* metrics_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace weir::control::rpc
