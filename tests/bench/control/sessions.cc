#include "tests/bench/control/sessions.h"

#include <grpcpp/grpcpp.h>

#include <stdexcept>

namespace weir::bench {
namespace {

void require_ok(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

TouchedSession admit(weir::v1::SessionService::Stub& stub, int number, bool on_instance) {
  weir::v1::AdmitSessionRequest request;
  request.set_user_id("user-" + std::to_string(number));
  request.set_stream_id(kStream);
  request.set_kind(weir::v1::SESSION_KIND_PLAY);
  if (on_instance) {
    request.set_instance_id(kInstance);
    request.set_incarnation(kIncarnation);
  }
  grpc::ClientContext context;
  weir::v1::AdmitSessionResponse response;
  require_ok(stub.AdmitSession(&context, request, &response));
  return {response.session().session_id(), response.session().user_id()};
}

}  // namespace

std::vector<TouchedSession> admit_sessions(weir::v1::SessionService::Stub& stub, int count,
                                           bool on_instance) {
  std::vector<TouchedSession> sessions;
  weir::v1::BatchTouchSessionsRequest first_touch;
  for (int number = 0; number < count; ++number) {
    sessions.push_back(admit(stub, number, on_instance));
    first_touch.add_session_ids(sessions.back().session_id);
  }
  grpc::ClientContext context;
  weir::v1::BatchTouchSessionsResponse response;
  require_ok(stub.BatchTouchSessions(&context, first_touch, &response));
  return sessions;
}

}  // namespace weir::bench
