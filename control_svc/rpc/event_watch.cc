#include "control_svc/rpc/event_watch.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/grpc/proto_time.h"
#include "common/grpc/status.h"
#include "control_svc/rpc/conversions.h"

namespace weir::control::rpc {
namespace {

using domain::InstanceEvent;
using domain::SessionEvent;
using weir::v1::WatchEventsRequest;

constexpr const char* kSource = "weir-control";

grpc::Status token_expired() {
  return wire::StatusBuilder(grpc::StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED",
                             "events after this token are no longer kept")
      .build();
}

bool type_matches(const WatchEventsRequest& filters, std::string_view type) {
  return filters.types().empty() ||
         std::ranges::any_of(filters.types(), [type](const std::string& prefix) {
           return type.starts_with(prefix);
         });
}

bool is_or_any(const std::string& filter, std::string_view value) {
  return filter.empty() || filter == value;
}

bool matches(const WatchEventsRequest& filters, const SessionEvent& event) {
  return type_matches(filters, domain::name_of(event.type)) &&
         is_or_any(filters.user_id(), event.user_id.view()) &&
         is_or_any(filters.stream_id(), event.session.stream_id()) &&
         is_or_any(filters.instance_id(), event.session.instance_id());
}

bool matches(const WatchEventsRequest& filters, const InstanceEvent& event) {
  return type_matches(filters, domain::name_of(event.type)) && filters.user_id().empty() &&
         filters.stream_id().empty() &&
         is_or_any(filters.instance_id(), event.instance->instance_id);
}

void fill_subject(const SessionEvent& event, Now now, weir::v1::Event& proto) {
  fill(event.session, event.user_id.view(), now, *proto.mutable_session());
}

void fill_subject(const InstanceEvent& event, Now now, weir::v1::Event& proto) {
  *proto.mutable_instance() = to_proto(*event.instance, nullptr, now);
}

}  // namespace

EventWatch::EventWatch(WatchEventsRequest filters, const store::EventHistory& history,
                       const Clock& clock)
    : filters_(std::move(filters)), history_(history), clock_(clock) {}

void EventWatch::start(grpc::Status refusal) {
  self_ = shared_from_this();
  std::unique_lock lock(mutex_);
  if (!refusal.ok()) return finish(lock, std::move(refusal));
  const auto position = filters_.resume_token().empty()
                            ? history_.next()
                            : history_.position_of(filters_.resume_token());
  if (!position) return finish(lock, token_expired());
  position_ = *position;
  StartSendInitialMetadata();
  pump(lock);
}

void EventWatch::wake() {
  std::unique_lock lock(mutex_);
  pump(lock);
}

void EventWatch::close(grpc::Status status) {
  std::unique_lock lock(mutex_);
  finish(lock, std::move(status));
}

void EventWatch::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  writing_ = false;
  if (!ok) return finish(lock, grpc::Status::CANCELLED);
  pump(lock);
}

void EventWatch::OnCancel() { close(grpc::Status::CANCELLED); }

void EventWatch::OnDone() { self_.reset(); }

void EventWatch::pump(std::unique_lock<std::mutex>& lock) {
  if (writing_ || finished_) return;
  const auto entry = next();
  if (overtaken_) return finish(lock, token_expired());
  if (!entry) return;
  outgoing_.Clear();
  weir::v1::Event& event = *outgoing_.mutable_event();
  const std::string token = history_.token_after(entry->sequence);
  event.set_id(token);
  event.set_resume_token(token);
  event.set_source(kSource);
  const Now now = clock_.now();
  std::visit(
      [&](const auto& each) {
        event.set_type(std::string(domain::name_of(each.type)));
        *event.mutable_time() = wire::to_proto(each.time);
        fill_subject(each, now, event);
      },
      entry->event);
  writing_ = true;
  StartWrite(&outgoing_);
}

std::optional<EventWatch::Entry> EventWatch::next() {
  while (true) {
    while (read_ < piece_.size()) {
      Entry& entry = piece_[read_++];
      const bool wanted =
          std::visit([this](const auto& each) { return matches(filters_, each); }, entry.event);
      if (wanted) return std::move(entry);
    }
    auto piece = history_.read(position_, kPiece);
    overtaken_ = !piece.has_value();
    if (overtaken_ || piece->empty()) return std::nullopt;
    position_ = piece->back().sequence + 1;
    piece_ = *std::move(piece);
    read_ = 0;
  }
}

void EventWatch::finish(std::unique_lock<std::mutex>& lock, grpc::Status status) {
  if (finished_) return;
  finished_ = true;
  // Finish may call OnDone, which may end this object.
  lock.unlock();
  Finish(std::move(status));
}

}  // namespace weir::control::rpc
