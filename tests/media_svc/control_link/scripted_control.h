// A control that does what a test wants: a real gRPC server whose answers are scripted.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "weir/v1/session_service.grpc.pb.h"

namespace weir::media::testing {

// Admits everyone unless told otherwise, and remembers what it was asked. Any thread.
class ScriptedControl final : public v1::SessionService::CallbackService {
 public:
  // Decides instead of admitting; fills the response where it answers OK.
  using Admit =
      std::function<grpc::Status(const v1::AdmitSessionRequest&, v1::AdmitSessionResponse&)>;

  ScriptedControl();
  ~ScriptedControl() override;

  // "127.0.0.1:port"; the same after `restart`.
  const std::string& target() const { return target_; }
  void stop();
  void restart();

  void on_admit(Admit admit);
  // Admissions are not answered until `release_admissions`.
  void hold_admissions();
  void release_admissions();
  // The next renewal of this session hears that it ended.
  void end_session(const std::string& session_id, v1::EndReason reason);

  // Waits up to 30 s until `done` holds of what was asked so far.
  bool wait(const std::function<bool(const ScriptedControl&)>& done);
  // The same, without waiting.
  bool holds(const std::function<bool(const ScriptedControl&)>& condition);
  // Only within these two, or when nothing is going on.
  const std::vector<v1::AdmitSessionRequest>& admissions() const { return admissions_; }
  const std::vector<std::string>& touched() const { return touched_; }
  const std::vector<std::string>& released() const { return released_; }

 private:
  grpc::ServerUnaryReactor* AdmitSession(grpc::CallbackServerContext* context,
                                         const v1::AdmitSessionRequest* request,
                                         v1::AdmitSessionResponse* response) override;
  grpc::ServerUnaryReactor* BatchTouchSessions(grpc::CallbackServerContext* context,
                                               const v1::BatchTouchSessionsRequest* request,
                                               v1::BatchTouchSessionsResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseSession(grpc::CallbackServerContext* context,
                                           const v1::ReleaseSessionRequest* request,
                                           v1::ReleaseSessionResponse* response) override;
  grpc::Status admit(const v1::AdmitSessionRequest& request, v1::AdmitSessionResponse& response);

  std::mutex mutex_;
  std::condition_variable changed_;
  Admit admit_;
  bool holding_ = false;
  std::vector<std::function<void()>> held_;
  std::vector<v1::AdmitSessionRequest> admissions_;
  std::vector<std::string> touched_;
  std::vector<std::string> released_;
  std::vector<v1::TouchFailure> ended_;
  std::int64_t last_session_ = 0;

  std::string target_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace weir::media::testing
