// The line to control_svc: admissions up, renewals and ends up, orders to end a session down.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "media_svc/control_link/outbox.h"
#include "media_svc/control_link/session.h"
#include "media_svc/control_link/session_codec.h"
#include "media_svc/control_link/unary_calls.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace weir::media::control_link {

struct LinkOptions {
  // host:port of control's gRPC listener.
  std::string target;
  std::string instance_id;
  // After this its caller refuses; the answer is waited for somewhat longer.
  Duration admission_timeout{5'000};
  // The longest that a renewal or an end waits for its batch.
  Duration batch_interval{500};
};

// What the process is told; called on threads of the link or of gRPC, never after the link is gone.
struct LinkEvents {
  std::function<void(const EndOrder&)> end_session;
  std::function<void(bool connected)> connected_changed;
  std::function<void(std::string_view method, std::string_view code)> call_done;
};

// Owned by main, used from every thread. Control may go away and come back at any time: what was
// admitted goes on, its ends are kept until control has taken them. One thread of its own sends
// the batches; answers arrive on gRPC's threads. No callback comes after `stop`, which the
// destructor calls.
class ControlLink {
 public:
  using AdmissionDone = std::function<void(AdmissionOutcome)>;

  ControlLink(LinkOptions options, LinkEvents events);
  ControlLink(const ControlLink&) = delete;
  ControlLink& operator=(const ControlLink&) = delete;
  ~ControlLink();

  // `done` is called exactly once, with a session that is then held here until `let_go` or
  // `give_back`, or with the refusal.
  void admit(const AdmissionRequest& request, AdmissionDone done);
  // The session's media has moved since the last time.
  void touch(const std::string& session_id);
  // How a held session goes.
  void report(const std::string& session_id, SessionReport report);
  // The session's connection is gone: it is not held here any more.
  void let_go(const std::string& session_id);
  // The session is not wanted: nothing was started with it.
  void give_back(const std::string& session_id);

  // Cancels what is under way and returns when the last callback has. Idempotent.
  void stop();

  bool connected() const { return connected_; }
  // Waits until control has taken everything that it was told; false after `limit`.
  bool flush(Duration limit);

 private:
  void run();
  void send_release(std::string session_id);
  void release_answered(const std::string& session_id, bool taken);
  // Renewals, or an empty batch that finds out whether control is there.
  void send_touches(std::vector<std::string> session_ids);
  void touches_answered(const std::vector<std::string>& session_ids,
                        const v1::BatchTouchSessionsResponse* response);
  void set_connected(bool connected);

  const LinkOptions options_;
  const LinkEvents events_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::SessionService::Stub> sessions_;
  UnaryCalls calls_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable taken_;
  Outbox outbox_;
  bool touches_under_way_ = false;
  bool stopping_ = false;
  std::atomic<bool> connected_ = false;
  std::thread thread_;
};

}  // namespace weir::media::control_link
