// The client of store_test.py:
//
//   admit-storm ADDRESS          admits as fast as eight callers can until the server is gone, and
//                                prints each answered session's id
//   admit-storm ADDRESS LIMIT    reads such ids, and fails if one is not live or if a user holds
//                                more than LIMIT sessions
#include <grpcpp/grpcpp.h>
#include <weir/v1/session_service.grpc.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using Stub = weir::v1::SessionService::Stub;

constexpr int kCallers = 8;
constexpr int kMaxBatch = 10'000;

std::mutex output_mutex;

// Each user asks once more than it may.
void storm(Stub& stub, int caller) {
  for (int number = 0;; ++number) {
    weir::v1::AdmitSessionRequest request;
    request.set_user_id("user-" + std::to_string(caller) + "-" + std::to_string(number / 4));
    request.set_stream_id("live/" + std::to_string(number));
    request.set_kind(weir::v1::SESSION_KIND_PLAY);
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

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const auto stub = weir::v1::SessionService::NewStub(channel);
  if (argc == 2) {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) callers.emplace_back([&stub, i] { storm(*stub, i); });
    return EXIT_SUCCESS;
  }
  std::vector<std::string> ids;
  for (std::string id; std::cin >> id;) ids.push_back(id);
  const bool all_live = touch_all(*stub, ids);
  return within_limit(*stub, std::atoi(argv[2])) && all_live ? EXIT_SUCCESS : EXIT_FAILURE;
}
