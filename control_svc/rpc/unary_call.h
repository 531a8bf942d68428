// The life of one unary call in a handler: a request of bad shape is answered at once, the others
// when the store has answered.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "common/clock.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/settings.h"
#include "control_svc/rpc/conversions.h"
#include "control_svc/rpc/status_map.h"
#include "control_svc/rpc/validation.h"

namespace weir::control::rpc {

// A small value, copied into the store's callback, which ends the call; gRPC keeps request,
// response and reactor alive until then.
class UnaryCall {
 public:
  UnaryCall(grpc::CallbackServerContext* context, const domain::Settings& settings, Now now)
      : reactor_(context->DefaultReactor()), settings_(&settings), now_(now) {}

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }
  Now now() const { return now_; }
  Reader reader() const { return {.settings = *settings_, .now = now_}; }

  // Whether the request may go on; if not, the call is ended with what is wrong.
  template <class Request>
  bool accept(const Request& request) const {
    const FieldErrors errors = validate(request);
    if (!errors.empty()) reactor_->Finish(errors.status());
    return errors.empty();
  }

  // Ends the call: with the refusal, or once `fill(answer, reader)` has written the response.
  template <class Answer, class Fill>
  void answer(const domain::Outcome<Answer>& outcome, Fill&& fill) const {
    if (outcome.has_error()) {
      reactor_->Finish(to_status(outcome.error(), reader()));
      return;
    }
    std::forward<Fill>(fill)(*outcome, reader());
    reactor_->Finish(grpc::Status::OK);
  }

 private:
  grpc::ServerUnaryReactor* reactor_;
  const domain::Settings* settings_;
  Now now_;
};

}  // namespace weir::control::rpc
