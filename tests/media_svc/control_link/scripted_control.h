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

#include "weir/v1/instance_service.grpc.pb.h"
#include "weir/v1/session_service.grpc.pb.h"
#include "weir/v1/stream_service.grpc.pb.h"

namespace weir::media::testing {

class ScriptedAttach;

// Admits everyone unless told otherwise, takes every event, and remembers what it was told. Any
// thread.
class ScriptedControl final {
 public:
  // Decides instead of admitting; fills the response where it answers OK.
  using Admit =
      std::function<grpc::Status(const v1::AdmitSessionRequest&, v1::AdmitSessionResponse&)>;

  // The same for RequestShutdown, which is UNIMPLEMENTED unless a test says otherwise.
  using Shutdown =
      std::function<grpc::Status(const v1::RequestShutdownRequest&, v1::RequestShutdownResponse&)>;

  // The same for GetStream, which finds nothing unless a test says otherwise.
  using Find = std::function<grpc::Status(const v1::GetStreamRequest&, v1::GetStreamResponse&)>;

  // What it was asked and told, over all its lives.
  struct Seen {
    std::vector<v1::AdmitSessionRequest> admissions;
    std::vector<v1::GetStreamRequest> searches;
    std::vector<v1::Hello> hellos;
    // The sessions of the newest Hello, and whether that was all.
    std::vector<v1::HeldSession> held;
    bool held_complete = false;
    int reports = 0;
    std::vector<v1::SessionEvent> events;
    std::vector<std::string> touched;
    std::vector<std::string> released;
    // Drain generations as reported, without repeats.
    std::vector<std::int64_t> drains;
    bool ready = false;
    int attached = 0;
    // The newest stream was ended in order.
    bool half_closed = false;

    // "session-1 started", "session-1 interrupted", … without repeats of a sequence.
    std::vector<std::string> told() const;
    // The newest of them; empty if there is none yet.
    std::string last_told() const;
  };

  ScriptedControl();
  ~ScriptedControl();

  // "127.0.0.1:port"; the same after `restart`.
  const std::string& target() const { return target_; }
  void stop();
  void restart();

  void on_admit(Admit admit);
  void on_shutdown(Shutdown shutdown);
  void on_find(Find find);
  // Admissions are not answered until `release_admissions`.
  void hold_admissions();
  void release_admissions();
  // Searches get the answer of when they came, but not before `release_search`, each for the
  // oldest of them, or `release_searches`.
  void hold_searches();
  void release_search();
  void release_searches();
  // Events are not acknowledged while off.
  void acknowledge_events(bool on);
  void end_session(const std::string& session_id, std::int64_t epoch, v1::EndReason reason);
  void send(const v1::AttachResponse& response);

  // Waits up to 30 s until `done` holds of what was seen so far.
  bool wait(const std::function<bool(const Seen&)>& done);
  // For what it was told of sessions, as `Seen::told` has it: so much, this, or this last.
  bool wait_told(std::size_t count);
  bool wait_told(const std::vector<std::string>& all);
  bool wait_told_last(const std::string& event);
  // As `wait`, without waiting.
  bool holds(const std::function<bool(const Seen&)>& condition);
  // A copy of it all.
  Seen seen();

 private:
  friend class ScriptedAttach;
  class Sessions;
  class Instances;
  class Streams;

  grpc::Status admit(const v1::AdmitSessionRequest& request, v1::AdmitSessionResponse& response);
  grpc::Status shut_down(const v1::RequestShutdownRequest& request,
                         v1::RequestShutdownResponse& response);
  grpc::Status find(const v1::GetStreamRequest& request, v1::GetStreamResponse& response);
  void take(ScriptedAttach& stream, const v1::AttachRequest& request);
  void half_closed();
  void attached(ScriptedAttach& stream);
  void detached(ScriptedAttach& stream);

  std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
  Admit admit_;
  Shutdown shutdown_;
  Find find_;
  bool holding_ = false;
  bool holding_searches_ = false;
  bool acknowledging_ = true;
  std::vector<std::function<void()>> held_;
  std::vector<std::function<void()>> held_searches_;
  std::int64_t last_session_ = 0;
  ScriptedAttach* stream_ = nullptr;

  std::string target_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Instances> instances_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace weir::media::testing
