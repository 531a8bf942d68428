// One instance's Attach stream:
//
//   state       message                         becomes
//   greeting    Hello                           taking in: Welcome is sent at once
//   taking in   HeldSessions                    the same
//   taking in   HeldSessions with `last`        attached, once all of them are dealt with
//                                               and told its orders
//   attached    Report, SessionEvent, Touches   the same
//   attached    its side ends                   closed: OK; a drain with nothing left is over
//   any         anything else                   closed: INVALID_STATE
//   any         a newer line or incarnation,    closed
//               lost, stopping, broken
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <weir/v1/instance_service.pb.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/grpc/server_metrics.h"
#include "common/relay_token/relay_token.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/rpc/instance_lines.h"
#include "control_svc/rpc/instance_message.h"
#include "control_svc/rpc/large_answers.h"
#include "control_svc/rpc/session_observer.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/store/session_operations.h"
#include "control_svc/store/stream_mover.h"

namespace weir::control::rpc {

// What the streams work with; outlives them all.
struct AttachContext {
  store::SessionOperations& sessions;
  store::FleetOperations& fleet;
  InstanceLines& lines;
  store::StreamMover& mover;
  SessionObserver& observer;
  const relay_token::Secret& relay_secret;
  const Clock& clock;
  // Of the unary calls beside the streams.
  LargeAnswers& answers;
  wire::ServerMetrics& metrics;
};

// Called by gRPC, the store and other streams, on any thread. Keeps itself alive until gRPC is done
// with it and no answer of the store is awaited. Messages are read one at a time; session events
// alone are applied side by side, and acknowledged in their order.
class AttachStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                           public InstanceLine,
                           public std::enable_shared_from_this<AttachStream> {
 public:
  // What waits for an instance that does not read, at most. The rest is dropped: it is said again
  // when the instance touches the session or attaches anew.
  static constexpr std::size_t kMaxWaiting = 20'000;
  // Session events under way; no more is read meanwhile.
  static constexpr std::size_t kMaxEventsUnderWay = 1'000;

  static grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* start(
      const AttachContext& context);
  explicit AttachStream(const AttachContext& context) : context_(context) {}

  void end_session(const domain::EndNotice& notice) override;
  void order(const domain::InstanceRecord& instance) override;
  void move(const domain::MoveOrder& order) override;
  void close(CloseReason reason) override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State { kGreeting, kTakingIn, kAttached, kClosed };

  void handle();
  void on_hello(const weir::v1::Hello& hello);
  void on_held(const weir::v1::HeldSessions& held);
  void on_report(const weir::v1::Report& report);
  void on_touches();
  void touches_taken(const std::vector<domain::TouchFailure>& failures);
  void on_event(const weir::v1::SessionEvent& event);

  void assert_held(const weir::v1::HeldSession& held, std::function<void()> done);
  void take_in();
  // The instance has ended its side of the stream.
  void on_end();
  // Acts at once on what was heard, not with the next tick.
  void look_now();
  void event_taken(std::int64_t sequence, const domain::Outcome<domain::UserSession>& outcome,
                   const domain::SessionReport& report);
  // Everything up to the oldest event that is still under way.
  void acknowledge();
  void end(std::string session_id, std::int64_t epoch, const domain::Refusal& refusal);

  void read_on();
  void send(weir::v1::AttachResponse message);
  void write_next(std::unique_lock<std::mutex>& lock);
  void finish(grpc::Status status);
  State state() const;
  void set_state(State state);
  std::uint32_t holder() const;

  const AttachContext context_;
  // gRPC's reference, given back in OnDone.
  std::shared_ptr<AttachStream> self_;
  grpc::ByteBuffer incoming_;
  // What was read last, until the next read begins.
  InstanceMessage message_;
  domain::InstanceHello hello_;
  // Until its first report that it is ready.
  bool starting_ = false;

  mutable std::mutex mutex_;
  State state_ = State::kGreeting;
  std::deque<weir::v1::AttachResponse> waiting_;
  grpc::ByteBuffer outgoing_;
  bool writing_ = false;
  bool finished_ = false;
  // To be sent once the write that is under way is over.
  std::optional<grpc::Status> farewell_;
  // Sequences under way, and the highest that was begun.
  std::set<std::int64_t> events_under_way_;
  std::int64_t last_event_ = 0;
  bool reading_paused_ = false;
};

}  // namespace weir::control::rpc
