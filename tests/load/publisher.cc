#include "tests/load/publisher.h"

#include <variant>

namespace weir::load {
namespace {

namespace rtmp = media::rtmp;

constexpr std::size_t kUnsentMax = std::size_t{4} << 20;

}  // namespace

Publisher::Publisher(Stage& stage, std::uint64_t stream)
    : stage_(stage),
      asked_(std::chrono::steady_clock::now()),
      connection_(
          stage.loop, stage.address, stage.new_session(rtmp::ClientSession::Role::kPublish, stream),
          {.on_event = [this](const rtmp::ClientEvent& event) { on_event(event); }}, stage.meter) {}

void Publisher::on_event(const rtmp::ClientEvent& event) {
  if (std::holds_alternative<rtmp::ClientStarted>(event)) return start();
}

void Publisher::start() {
  began_ = std::chrono::steady_clock::now();
  started_ = true;
  stage_.meter.publish_start.record(began_ - asked_);
  for (const ScriptFrame& frame : stage_.script.preamble) send(frame, {});
  send_due();
}

void Publisher::send_due() {
  const Time now = std::chrono::steady_clock::now();
  const auto& frames = stage_.script.frames;
  while (connection_.is_open() && began_ + next_time() <= now) {
    const ScriptFrame& frame = frames[next_];
    if (connection_.unsent_bytes() > kUnsentMax) skipping_ = true;
    if (skipping_ && frame.keyframe && connection_.unsent_bytes() == 0) skipping_ = false;
    if (skipping_) {
      ++stage_.meter.window.frames_dropped;
    } else {
      send(frame, next_time());
      ++stage_.meter.window.frames_sent;
    }
    if (++next_ == frames.size()) {
      next_ = 0;
      ++rounds_;
    }
  }
  if (connection_.is_open()) stage_.loop.at(began_ + next_time(), [this] { send_due(); });
}

void Publisher::send(const ScriptFrame& frame, std::chrono::milliseconds time) {
  connection_.send_media({.type = frame.type,
                          .timestamp = static_cast<std::uint32_t>(time.count()),
                          .payload = stamped(frame, std::chrono::steady_clock::now())});
}

std::chrono::milliseconds Publisher::next_time() const {
  return stage_.script.length * rounds_ + stage_.script.frames[next_].time;
}

}  // namespace weir::load
