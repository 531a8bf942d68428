// A client of control for the end-to-end tests:
//
//   admit-storm ADDRESS storm        admits as fast as eight callers can until the server is gone,
//                                    and prints each answered session's id
//   admit-storm ADDRESS check LIMIT  reads such ids, and fails if one is not live or if a user
//   holds
//                                    more than LIMIT sessions
//   admit-storm ADDRESS users COUNT  admits one session for each of so many users
//   admit-storm ADDRESS at-once COUNT  asks for so many sessions of one user at the same time, and
//                                    prints the id of each that is admitted
#include <grpcpp/grpcpp.h>
#include <weir/v1/session_service.grpc.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Stub = weir::v1::SessionService::Stub;

constexpr int kCallers = 8;
constexpr int kMaxBatch = 10'000;

std::mutex output_mutex;

weir::v1::AdmitSessionRequest admission(const std::string& user, int number) {
  weir::v1::AdmitSessionRequest request;
  request.set_user_id(user);
  request.set_stream_id("live/" + std::to_string(number));
  request.set_kind(weir::v1::SESSION_KIND_PLAY);
  return request;
}

// Each user asks once more than it may.
void storm(Stub& stub, int caller) {
  for (int number = 0;; ++number) {
    const auto request =
        admission("user-" + std::to_string(caller) + "-" + std::to_string(number / 4), number);
    weir::v1::AdmitSessionResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub.AdmitSession(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return;
    if (!status.ok()) continue;
    const std::scoped_lock lock(output_mutex);
    std::puts(response.session().session_id().c_str());
    std::fflush(stdout);
  }
}

bool touch_all(Stub& stub, const std::vector<std::string>& ids) {
  bool live = true;
  for (std::size_t first = 0; first < ids.size(); first += kMaxBatch) {
    weir::v1::BatchTouchSessionsRequest request;
    for (std::size_t i = first; i < std::min(ids.size(), first + kMaxBatch); ++i) {
      request.add_session_ids(ids[i]);
    }
    weir::v1::BatchTouchSessionsResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub.BatchTouchSessions(&context, request, &response);
    if (!status.ok()) std::cerr << status.error_message() << '\n';
    live = live && status.ok() && response.failures().empty();
    for (const auto& failure : response.failures()) {
      std::cerr << failure.session_id() << " is lost: " << failure.reason() << '\n';
    }
  }
  return live;
}

bool within_limit(Stub& stub, int limit) {
  std::map<std::string, int> held;
  weir::v1::ListSessionsRequest request;
  request.set_page_size(1'000);
  do {
    weir::v1::ListSessionsResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub.ListSessions(&context, request, &response);
    if (!status.ok()) {
      std::cerr << status.error_message() << '\n';
      return false;
    }
    for (const auto& session : response.sessions()) ++held[session.user_id()];
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  bool within = true;
  for (const auto& [user, count] : held) {
    if (count <= limit) continue;
    within = false;
    std::cerr << user << " holds " << count << '\n';
  }
  return within;
}

// All calls are under way before the first is answered; what the others get is printed at the end.
bool at_once(Stub& stub, int count, const std::function<std::string(int)>& user_of) {
  struct Call {
    grpc::ClientContext context;
    weir::v1::AdmitSessionRequest request;
    weir::v1::AdmitSessionResponse response;
    std::promise<grpc::Status> done;
  };
  std::vector<std::unique_ptr<Call>> calls;
  for (int number = 0; number < count; ++number) {
    Call& call = *calls.emplace_back(std::make_unique<Call>());
    call.request = admission(user_of(number), number);
    stub.async()->AdmitSession(
        &call.context, &call.request, &call.response,
        [&call](const grpc::Status& status) { call.done.set_value(status); });
  }
  bool answered = true;
  for (const auto& call : calls) {
    const grpc::Status status = call->done.get_future().get();
    if (status.ok()) std::puts(call->response.session().session_id().c_str());
    answered = answered && (status.ok() || status.error_code() == grpc::RESOURCE_EXHAUSTED);
  }
  return answered;
}

bool admit_users(Stub& stub, int count) {
  constexpr int kTogether = 500;
  for (int first = 0; first < count; first += kTogether) {
    const auto user_of = [first](int number) { return "user-" + std::to_string(first + number); };
    if (!at_once(stub, std::min(kTogether, count - first), user_of)) return false;
  }
  return true;
}

bool check(Stub& stub, int limit) {
  std::vector<std::string> ids;
  for (std::string id; std::cin >> id;) ids.push_back(id);
  const bool all_live = touch_all(stub, ids);
  return within_limit(stub, limit) && all_live;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const auto stub = weir::v1::SessionService::NewStub(channel);
  const std::string_view what = argv[2];
  const int number = argc > 3 ? std::atoi(argv[3]) : 0;
  bool good = true;
  if (what == "storm") {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) callers.emplace_back([&stub, i] { storm(*stub, i); });
  } else if (what == "check") {
    good = check(*stub, number);
  } else if (what == "users") {
    good = admit_users(*stub, number);
  } else if (what == "at-once") {
    good = at_once(*stub, number, [](int) { return "alice"; });
  } else {
    return 2;
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
