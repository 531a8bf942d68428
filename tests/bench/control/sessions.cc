#include "tests/bench/control/sessions.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kAcceptedWithin{30};

void require_ok(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

}  // namespace

AdmittedSession admit(weir::v1::SessionService::Stub& stub, const std::string& user_id,
                      const Holder& holder) {
  weir::v1::AdmitSessionRequest request;
  request.set_user_id(user_id);
  request.set_stream_id(kStream);
  request.set_kind(weir::v1::SESSION_KIND_PLAY);
  request.set_instance_id(holder.instance_id);
  request.set_incarnation(holder.incarnation);
  const auto give_up = SteadyClock::now() + kAcceptedWithin;
  while (true) {
    grpc::ClientContext context;
    weir::v1::AdmitSessionResponse response;
    const grpc::Status status = stub.AdmitSession(&context, request, &response);
    if (status.ok()) return {response.session().session_id(), response.session().user_id()};
    if (holder.instance_id.empty() || SteadyClock::now() > give_up) require_ok(status);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

std::vector<AdmittedSession> admit_sessions(weir::v1::SessionService::Stub& stub, int count,
                                            const Holder& holder) {
  std::vector<AdmittedSession> sessions;
  weir::v1::BatchTouchSessionsRequest first_touch;
  for (int number = 0; number < count; ++number) {
    sessions.push_back(admit(stub, "user-" + std::to_string(number), holder));
    first_touch.add_session_ids(sessions.back().session_id);
  }
  grpc::ClientContext context;
  weir::v1::BatchTouchSessionsResponse response;
  require_ok(stub.BatchTouchSessions(&context, first_touch, &response));
  return sessions;
}

}  // namespace weir::bench
