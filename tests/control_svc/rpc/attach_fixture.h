#pragma once

#include <weir/v1/instance_service.grpc.pb.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/grpc/proto_time.h"
#include "control_svc/rpc/instance_service.h"
#include "control_svc/rpc/stream_service.h"
#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {

// A media instance's side of one Attach stream, as a test drives it. What control says is read by a
// thread of its own.
class AttachedInstance {
 public:
  AttachedInstance(weir::v1::InstanceService::Stub& stub, std::string id, std::string incarnation)
      : id_(std::move(id)), incarnation_(std::move(incarnation)), stream_(stub.Attach(&context_)) {
    reader_ = std::thread([this] { read(); });
  }
  ~AttachedInstance() {
    context_.TryCancel();
    reader_.join();
  }

  const std::string& id() const { return id_; }
  const std::string& incarnation() const { return incarnation_; }

  void hello() {
    weir::v1::AttachRequest message;
    message.mutable_hello()->set_instance_id(id_);
    message.mutable_hello()->set_incarnation(incarnation_);
    message.mutable_hello()->mutable_route()->set_rtmp_url("rtmp://" + id_ + ":1935");
    write(message);
  }

  void held(const std::vector<weir::v1::HeldSession>& sessions = {}, bool last = true) {
    weir::v1::AttachRequest message;
    for (const auto& session : sessions) *message.mutable_held()->add_sessions() = session;
    message.mutable_held()->set_last(last);
    write(message);
  }

  void report(bool ready = true) {
    weir::v1::AttachRequest message;
    message.mutable_report()->set_ready(ready);
    message.mutable_report()->mutable_load()->set_publishers(1);
    write(message);
  }

  // What it says of its drain.
  void report_drain(std::int64_t generation, int publishers) {
    weir::v1::AttachRequest message;
    message.mutable_report()->set_drain_generation(generation);
    message.mutable_report()->set_remaining_publishers(publishers);
    write(message);
  }

  // Ends its side of the line.
  void leave() { stream_->WritesDone(); }

  void touch(const std::string& session_id) {
    weir::v1::AttachRequest message;
    message.mutable_touches()->add_session_ids(session_id);
    write(message);
  }

  void event(std::int64_t sequence, const weir::v1::Session& session,
             weir::v1::SessionEventKind kind,
             const std::optional<weir::v1::MediaSummary>& media = std::nullopt,
             std::optional<WallTime> time = std::nullopt) {
    weir::v1::AttachRequest message;
    weir::v1::SessionEvent& event = *message.mutable_event();
    event.set_sequence(sequence);
    event.set_session_id(session.session_id());
    event.set_epoch(session.epoch());
    event.set_kind(kind);
    if (media) *event.mutable_media() = *media;
    if (time) *event.mutable_event_time() = wire::to_proto(*time);
    write(message);
  }

  void write(const weir::v1::AttachRequest& message) { stream_->Write(message); }
  // Nothing more will be said.
  void done() { stream_->WritesDone(); }

  // The next thing that control says; nothing: the stream has ended.
  std::optional<weir::v1::AttachResponse> next() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [this] { return !heard_.empty() || ended_; });
    if (heard_.empty()) return std::nullopt;
    auto message = std::move(heard_.front());
    heard_.pop_front();
    return message;
  }

  // Reads on until control has acknowledged events up to `sequence`.
  bool taken(std::int64_t sequence) {
    while (const auto message = next()) {
      if (message->has_events_taken() && message->events_taken().sequence() >= sequence) {
        return true;
      }
    }
    return false;
  }

  // Reads on until control says something of this kind.
  std::optional<weir::v1::AttachResponse> next(weir::v1::AttachResponse::MessageCase kind) {
    while (auto message = next()) {
      if (message->message_case() == kind) return message;
    }
    return std::nullopt;
  }

  // Reads on until control wants a session to end.
  std::optional<weir::v1::EndSession> next_end() {
    while (const auto message = next()) {
      if (message->has_end_session()) return message->end_session();
    }
    return std::nullopt;
  }

  // How control ended the stream, once it did.
  grpc::Status status() {
    while (next()) {
    }
    const std::scoped_lock lock(mutex_);
    return status_;
  }

 private:
  void read() {
    weir::v1::AttachResponse message;
    while (stream_->Read(&message)) {
      const std::scoped_lock lock(mutex_);
      heard_.push_back(message);
      changed_.notify_all();
    }
    const grpc::Status status = stream_->Finish();
    const std::scoped_lock lock(mutex_);
    status_ = status;
    ended_ = true;
    changed_.notify_all();
  }

  const std::string id_;
  const std::string incarnation_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<weir::v1::AttachRequest, weir::v1::AttachResponse>>
      stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<weir::v1::AttachResponse> heard_;
  grpc::Status status_;
  bool ended_ = false;
  std::thread reader_;
};

}  // namespace weir::control::rpc
