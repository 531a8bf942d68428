#include "tests/bench/control/instance_line.h"

#include <google/protobuf/util/time_util.h>

#include <stdexcept>
#include <utility>

namespace weir::bench {
namespace {

// 128 bits in hexadecimal digits, another one for each name.
std::string incarnation_of(const std::string& instance_id) {
  const std::string digits = std::to_string(std::hash<std::string>{}(instance_id));
  return std::string(32 - digits.size(), '0') + digits;
}

std::int64_t wait_until(const std::atomic<std::int64_t>& value, std::int64_t wanted) {
  std::int64_t now = value;
  for (; now >= 0 && now < wanted; now = value) value.wait(now);
  if (now < 0) throw std::runtime_error("the server closed the line");
  return now;
}

void tell(std::atomic<std::int64_t>& value, std::int64_t now) {
  value = now;
  value.notify_all();
}

}  // namespace

InstanceLine::InstanceLine(const std::shared_ptr<grpc::Channel>& channel, std::string instance_id)
    : instance_id_(std::move(instance_id)),
      incarnation_(incarnation_of(instance_id_)),
      stub_(weir::v1::InstanceService::NewStub(channel)) {
  stub_->async()->Attach(&context_, this);
  // Until `finish`: what is said later is begun by another thread than gRPC's.
  AddHold();
  StartRead(&incoming_);
  StartCall();
  weir::v1::AttachRequest message;
  message.mutable_hello()->set_instance_id(instance_id_);
  message.mutable_hello()->set_incarnation(incarnation_);
  say(message);
  message.mutable_held()->set_last(true);
  say(message);
  message.mutable_report()->set_ready(true);
  say(std::move(message));
}

InstanceLine::~InstanceLine() {
  finish();
  end_.wait();
}

void InstanceLine::say(weir::v1::AttachRequest message) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(message));
  write_next();
}

void InstanceLine::say_all(Source source) {
  const std::scoped_lock lock(mutex_);
  source_ = std::move(source);
  write_next();
}

void InstanceLine::write_next() {
  if (writing_ || finished_) return;
  if (!broken_ && !waiting_.empty()) {
    outgoing_ = std::move(waiting_.front());
    waiting_.pop_front();
    writing_ = true;
    return StartWrite(&outgoing_);
  }
  if (!broken_ && source_ && source_(outgoing_)) {
    writing_ = true;
    return StartWrite(&outgoing_);
  }
  source_ = nullptr;
  if (!finishing_) return;
  finished_ = true;
  if (!broken_) StartWritesDone();
  RemoveHold();
}

std::chrono::milliseconds InstanceLine::wait_for_welcome() const {
  return std::chrono::milliseconds{wait_until(report_interval_ms_, 1)};
}

void InstanceLine::wait_until_taken(std::int64_t sequence) const {
  wait_until(events_taken_, sequence);
}

void InstanceLine::finish() {
  const std::scoped_lock lock(mutex_);
  finishing_ = true;
  write_next();
}

void InstanceLine::wait_for_end() {
  const grpc::Status status = end_.get();
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

void InstanceLine::OnReadDone(bool ok) {
  if (!ok) {
    tell(report_interval_ms_, -1);
    tell(events_taken_, -1);
    return;
  }
  if (incoming_.has_welcome()) {
    tell(report_interval_ms_, google::protobuf::util::TimeUtil::DurationToMilliseconds(
                                  incoming_.welcome().report_interval()));
  } else if (incoming_.has_events_taken()) {
    tell(events_taken_, incoming_.events_taken().sequence());
  }
  StartRead(&incoming_);
}

void InstanceLine::OnWriteDone(bool ok) {
  const std::scoped_lock lock(mutex_);
  writing_ = false;
  broken_ = broken_ || !ok;
  write_next();
}

void InstanceLine::OnDone(const grpc::Status& status) {
  // The line may be destroyed as soon as its end is known.
  std::promise<grpc::Status> ended = std::move(ended_);
  ended.set_value(status);
}

}  // namespace weir::bench
