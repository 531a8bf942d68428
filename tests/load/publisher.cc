#include "tests/load/publisher.h"

#include <utility>
#include <variant>

#include "tests/load/target.h"

namespace weir::load {
namespace {

namespace rtmp = media::rtmp;

constexpr std::size_t kUnsentMax = std::size_t{4} << 20;

}  // namespace

Publisher::Publisher(Stage& stage, std::uint64_t stream)
    : stage_(stage),
      asked_(std::chrono::steady_clock::now()),
      session_(stage.new_session(rtmp::ClientSession::Role::kPublish, stream)) {
  if (session_) session_->can_reconnect = true;
  connection_ = connect(stage.address);
}

std::unique_ptr<ClientConnection> Publisher::connect(const SocketAddress& address) {
  return std::make_unique<ClientConnection>(
      stage_.loop, address, session_,
      ClientConnection::Handlers{
          .on_event = [this](const rtmp::ClientEvent& event) { on_event(event); }},
      stage_.meter);
}

void Publisher::on_event(const rtmp::ClientEvent& event) {
  if (std::holds_alternative<rtmp::ClientStarted>(event)) {
    return started_ ? go_on_elsewhere() : start();
  }
  const auto* move = std::get_if<rtmp::ClientReconnectRequested>(&event);
  if (move && started_) start_elsewhere(move->tc_url);
}

void Publisher::start_elsewhere(const std::string& tc_url) {
  if (next_connection_ && next_connection_->is_open()) return;
  const auto place = parse_target(tc_url + "/name");
  if (!place) return stage_.meter.count_lost("no place to reconnect to: " + tc_url);
  session_->tc_url = tc_url;
  connection_->expect_end();
  next_connection_ = connect(resolve(place->host, place->port));
}

void Publisher::go_on_elsewhere() {
  left_.push_back(std::exchange(connection_, std::move(next_connection_)));
  left_.back()->stop();
  gap_began_ = last_sent_;
  skipping_ = true;
  for (const ScriptFrame& frame : stage_.script.preamble) send(frame, next_time());
}

void Publisher::start() {
  began_ = std::chrono::steady_clock::now();
  started_ = true;
  stage_.meter.publish_start.record(began_ - asked_);
  for (const ScriptFrame& frame : stage_.script.preamble) send(frame, {});
  send_due();
}

bool Publisher::is_open() const {
  return connection_->is_open() || (next_connection_ && next_connection_->is_open());
}

void Publisher::stop() {
  connection_->stop();
  if (next_connection_) next_connection_->stop();
}

bool Publisher::can_go_on() const {
  return connection_->is_open() && connection_->unsent_bytes() == 0;
}

void Publisher::send_due() {
  const Time now = std::chrono::steady_clock::now();
  const auto& frames = stage_.script.frames;
  while (is_open() && began_ + next_time() <= now) {
    const ScriptFrame& frame = frames[next_];
    // The old place may be closed before the new one has started.
    if (!connection_->is_open() || connection_->unsent_bytes() > kUnsentMax) skipping_ = true;
    if (skipping_ && frame.keyframe && can_go_on()) skipping_ = false;
    if (skipping_) {
      ++stage_.meter.window.frames_dropped;
    } else {
      send(frame, next_time());
      last_sent_ = std::chrono::steady_clock::now();
      if (const auto began = std::exchange(gap_began_, std::nullopt)) {
        stage_.meter.move_gap.record(last_sent_ - *began);
      }
      ++stage_.meter.window.frames_sent;
    }
    if (++next_ == frames.size()) {
      next_ = 0;
      ++rounds_;
    }
  }
  if (is_open()) stage_.loop.at(began_ + next_time(), [this] { send_due(); });
}

void Publisher::send(const ScriptFrame& frame, std::chrono::milliseconds time) {
  connection_->send_media({.type = frame.type,
                           .timestamp = static_cast<std::uint32_t>(time.count()),
                           .payload = stamped(frame, std::chrono::steady_clock::now())});
}

std::chrono::milliseconds Publisher::next_time() const {
  return stage_.script.length * rounds_ + stage_.script.frames[next_].time;
}

}  // namespace weir::load
