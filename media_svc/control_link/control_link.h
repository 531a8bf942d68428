// The line to control_svc: admissions, renewals, events and the wish to go up, orders down.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "media_svc/control_link/attach_dialogue.h"
#include "media_svc/control_link/attach_pacer.h"
#include "media_svc/control_link/attach_stream.h"
#include "media_svc/control_link/order.h"
#include "media_svc/control_link/outbox.h"
#include "media_svc/control_link/session.h"
#include "media_svc/control_link/stream_place.h"
#include "media_svc/control_link/unary_calls.h"
#include "weir/v1/instance_service.grpc.pb.h"
#include "weir/v1/session_service.grpc.pb.h"
#include "weir/v1/stream_service.grpc.pb.h"

namespace weir::media::control_link {

struct LinkOptions {
  // host:port of control's gRPC listener.
  std::string target;
  std::string instance_id;
  std::string version;
  // Where this instance is reached.
  Route route;
  // After this its caller refuses; the answer is waited for somewhat longer.
  Duration admission_timeout{5'000};
  AttachPauses pauses{};
};

// What the process is told and asked; called on threads of the link or of gRPC, never after `stop`.
struct LinkEvents {
  std::function<void(const Order&)> order;
  // False: the line is lost. Not said of one that this side closes for good.
  std::function<void(bool connected)> connected_changed;
  std::function<void(std::string_view method, std::string_view code)> call_done;
  std::function<InstanceStatus()> status;
};

// Owned by main, used from every thread. Control may go away and come back at any time: what was
// admitted goes on, and what control has not taken is sent again. One thread of its own keeps the
// Attach stream and makes the calls, as gRPC's work is more than a worker should do between frames;
// answers arrive on gRPC's threads. No callback comes after `stop`, which the
// destructor calls.
class ControlLink {
 public:
  using AdmissionDone = std::function<void(AdmissionOutcome)>;
  using ShutdownDone = std::function<void(ShutdownAnswer)>;
  using StreamFound = std::function<void(std::optional<StreamPlace>)>;

  ControlLink(LinkOptions options, LinkEvents events);
  ControlLink(const ControlLink&) = delete;
  ControlLink& operator=(const ControlLink&) = delete;
  ~ControlLink();

  // Attaches, and stays so; once the instance is ready for what control may send it.
  void start();

  // `done` is called exactly once, with a session that is then held here until `let_go` or
  // `give_back`, or with the refusal.
  void admit(AdmissionRequest request, AdmissionDone done);
  // A session of before is taken up again while control can't be asked: held from now on, and
  // asserted in the next Hello, which is made to come soon.
  void take_up(const Session& session, const AdmissionRequest& request);
  // Whether a session that was admitted is still held. No longer, once control has ended it: that
  // may be before whoever asked for it has heard the answer.
  bool holds(const SessionKey& session);
  // The session's media has moved since the last time.
  void touch(const SessionKey& session);
  // How a held session goes, and its media.
  void report(const SessionKey& session, SessionReport report, MediaSummary media = {});
  // The session's connection is gone: it is not held here any more.
  void let_go(const SessionKey& session);
  // The session is not wanted: nothing was started with it.
  void give_back(const SessionKey& session);

  // Asks where a stream is. `done` is called exactly once; with nothing where the stream is
  // nowhere, or control does not answer.
  void find_stream(std::string stream_id, StreamFound done);
  // Asks to shut down. `done` is called exactly once.
  void request_shutdown(const ShutdownRequest& request, ShutdownDone done);
  // No more sessions come: once control has taken everything it hears a last report, and the line
  // is closed. `left` says when nothing is to be waited for any more.
  void leave();
  bool left();

  // See AttachDialogue.
  std::string relay_key();
  // Attached: control knows this instance and hears what it reports.
  bool connected() const { return connected_; }
  // It has been attached once, whether or not control answers now.
  bool introduced() const { return introduced_; }
  // Waits until control has taken everything that it was told; false after `limit`.
  bool flush(Duration limit);
  // Cancels what is under way and returns when the last callback has. Idempotent.
  void stop();

 private:
  // An admission that waits for the link's thread.
  struct Asked {
    AdmissionRequest request;
    AdmissionDone done;
  };
  // The same of a search for a stream.
  struct Sought {
    std::string stream_id;
    StreamFound done;
  };

  void run();
  // With the lock held.
  bool has_left() const;
  void attach(std::unique_lock<std::mutex>& lock);
  // Unlocks; the link's thread looks after what is new.
  void wake(std::unique_lock<std::mutex>& lock);
  void received(const v1::AttachResponse& response);
  void detached(const grpc::Status& status);
  void send_admission(Asked asked);
  void send_search(Sought sought);
  void send_release(std::string session_id);
  void release_answered(const std::string& session_id, bool taken);
  void tell_if_all_taken();
  void set_connected(bool connected);
  bool closed_for_good();

  const LinkOptions options_;
  const LinkEvents events_;
  const InstanceIdentity identity_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::SessionService::Stub> sessions_;
  const std::unique_ptr<v1::InstanceService::Stub> instances_;
  const std::unique_ptr<v1::StreamService::Stub> streams_;
  UnaryCalls calls_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable taken_;
  Outbox outbox_;
  AttachDialogue dialogue_;
  std::vector<Asked> asked_;
  std::vector<Sought> sought_;
  std::shared_ptr<AttachStream> stream_;
  AttachPacer pacer_;
  SteadyTime next_attach_{};
  std::minstd_rand random_;
  bool woken_ = false;
  bool leaving_ = false;
  bool stopping_ = false;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> introduced_ = false;
  std::thread thread_;
};

}  // namespace weir::media::control_link
