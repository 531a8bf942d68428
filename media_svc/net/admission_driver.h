// Carries out what the admission machine of one publisher or player says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/clock.h"
#include "media_svc/admission/admission_machine.h"
#include "media_svc/control_link/order.h"
#include "media_svc/control_link/session.h"
#include "media_svc/net/refusal_status.h"
#include "media_svc/net/rtmp_worker.h"
#include "media_svc/net/session_directory.h"
#include "media_svc/rtmp/stream_address.h"

namespace weir::media::net {

class RtmpConnection;

// What a client wants: one publish or play on one of its message streams.
struct StreamRequest {
  control_link::SessionKind kind;
  std::uint32_t message_stream;
  rtmp::StreamAddress address;
  // Of a play: after so long its client wants no more.
  std::optional<Duration> duration = std::nullopt;
};

// Shared by its connection and by the answer that it waits for, so that a session admitted after
// the client has left is given back. On its connection's worker. Over with its machine.
class AdmissionDriver : public std::enable_shared_from_this<AdmissionDriver> {
 public:
  AdmissionDriver(RtmpConnection& connection, StreamRequest request);
  AdmissionDriver(const AdmissionDriver&) = delete;
  AdmissionDriver& operator=(const AdmissionDriver&) = delete;
  virtual ~AdmissionDriver() = default;

  // Begins: claims what has to be claimed, and asks.
  virtual void begin() = 0;
  void step(admission::Event event);
  // The connection is gone: because the client left, or for a reason of ours.
  void connection_closed(bool client_left);
  virtual void on_tick(SteadyTime now);

  std::uint32_t message_stream() const { return request_.message_stream; }
  const std::string& stream_id() const { return stream_id_; }
  bool connected() const { return connection_ != nullptr; }
  admission::State state() const { return machine_.state(); }
  // Its client has heard Start, and it is not over.
  bool is_running() const {
    return state() == admission::State::kStarted || state() == admission::State::kSilent;
  }

 protected:
  // What it means when the client leaves without a word.
  virtual admission::Event left_event() const = 0;
  // The actions that differ. `refuse` and `close` are only called while the connection is there.
  virtual void hold() = 0;
  virtual void start() = 0;
  virtual void refuse(const RefusalStatus& status) = 0;
  virtual void let_go() = 0;
  virtual void close(const std::string& why) = 0;
  virtual void ask();
  // Control wants the client to go to `target`.
  virtual void move_to(const control_link::Route& /*target*/) {}
  // What control is told of the media, and whether that is all there will be to tell.
  virtual control_link::MediaSummary summary(SteadyTime now) const = 0;
  virtual bool is_described() const { return true; }

  // While the instance drains a control that answers is asked all the same: it refuses, and says
  // where to go instead.
  bool may_ask() const;
  // Looked at again after control's answer.
  bool accepting() const;
  // The reason that the client hears if the next step refuses it.
  void refuse_with(RefusalStatus status) { refusal_ = std::move(status); }
  // A newer publisher holds the stream.
  void replaced() { revoke("another publisher took the stream over"); }
  // It ends here, with a word why.
  void revoke(std::string why);
  // Its client goes on elsewhere, so that the end here is none to complain about.
  void set_moving() { moving_ = true; }
  bool moving() const { return moving_; }
  // This instance takes no new work.
  void refuse_as_draining();
  // Media moved: the session is renewed in time.
  void media_moved() { media_moved_ = true; }
  // Tells control of the start once the media is described, or no more is to be expected soon.
  void tell_start(SteadyTime now);
  // Renew at once, not at the next interval.
  void renew_soon() { next_touch_ = {}; }

  RtmpWorker& worker() const { return worker_; }
  RtmpContext& context() const { return worker_.context; }
  // Null once closed.
  RtmpConnection* connection() const { return connection_; }
  const control_link::Session& session() const { return *session_; }
  const rtmp::StreamAddress& address() const { return request_.address; }
  std::optional<Duration> duration() const { return request_.duration; }
  control_link::SessionKind kind() const { return request_.kind; }
  SteadyTime requested_at() const { return requested_at_; }
  SteadyTime started_at() const { return started_at_; }

 private:
  void perform(admission::Action action);
  void log_end() const;
  control_link::AdmissionRequest admission_request() const;
  void answered(control_link::AdmissionOutcome outcome);
  // Goes on without control's answer where this instance may; else the client is to be refused.
  bool admit_offline(SteadyTime now);
  // The answer for a client that was let in without it.
  void answered_afterwards(control_link::AdmissionOutcome outcome);
  // Holds the session from now on, and hears when it is ended. False: it has been already.
  bool take(control_link::Session session);
  void on_order(const SessionDirectory::Order& order);
  void on_end_order(const control_link::EndOrder& order);
  void count_answer(std::string_view result);
  void report(control_link::SessionReport report);
  // Tells control of a publisher's media again when it is no longer what was told.
  void tell_change(SteadyTime now);
  void finish();

  // First, as what is looked at with every frame.
  RtmpConnection* connection_;
  RtmpWorker& worker_;
  bool media_moved_ = false;

  const StreamRequest request_;
  const std::string stream_id_;
  const SteadyTime requested_at_;

  admission::AdmissionMachine machine_;
  // Also empty for a player that was let in without control, until control has admitted it.
  std::optional<control_link::Session> session_;
  // Of a publisher, for when it comes back.
  std::string identity_;
  bool let_in_offline_ = false;
  // An answer of control is to come.
  bool asking_ = false;
  SteadyTime next_ask_{};
  // How often control has said afterwards that this instance takes no new work.
  int not_accepted_ = 0;
  SteadyTime started_at_{};
  // Started, but control has not heard yet.
  bool start_untold_ = false;
  // What control was told of the media, and when to see whether that still holds.
  control_link::MediaSummary told_;
  SteadyTime next_look_{};
  SessionDirectory::Entry directory_entry_;
  RefusalStatus refusal_;
  std::string close_reason_;
  bool finished_ = false;
  bool moving_ = false;
  SteadyTime next_touch_{};
};

}  // namespace weir::media::net
