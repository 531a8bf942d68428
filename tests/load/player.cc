#include "tests/load/player.h"

#include <variant>

#include "media_svc/flv/tag.h"

namespace weir::load {
namespace {

namespace rtmp = media::rtmp;
namespace flv = media::flv;

}  // namespace

Player::Player(Stage& stage, std::uint64_t stream, bool measures)
    : stage_(stage),
      measures_(measures),
      asked_(std::chrono::steady_clock::now()),
      connection_(
          stage.loop, stage.address, stage.new_session(rtmp::ClientSession::Role::kPlay, stream),
          {.on_event = [this](const rtmp::ClientEvent& event) { on_event(event); }}, stage.meter) {}

void Player::on_event(const rtmp::ClientEvent& event) {
  if (std::holds_alternative<rtmp::ClientStarted>(event)) return start();
  if (const auto* media = std::get_if<rtmp::ClientMedia>(&event)) return take(media->message);
}

void Player::start() {
  stage_.meter.play_start.record(std::chrono::steady_clock::now() - asked_);
  if (!stage_.options.raw) return;
  joined_ = true;
  connection_.drain();
}

void Player::take(const rtmp::Message& message) {
  const bool video = message.type == rtmp::MessageType::kVideo;
  // Of a stream with video, only video tells that a picture can be shown.
  if (!video && (stage_.script.has_video || message.type != rtmp::MessageType::kAudio)) return;
  if (!joined_) {
    const auto type = video ? flv::TagType::kVideo : flv::TagType::kAudio;
    const flv::TagRole role = flv::classify(type, message.payload).role;
    if (role != flv::TagRole::kMedia && role != flv::TagRole::kKeyframe) return;
    return join(role == flv::TagRole::kKeyframe);
  }
  const auto sent = read_stamp(message.payload);
  // What was sent before the player came waited in the server for it.
  if (!sent || *sent < joined_at_) return;
  stage_.meter.window.delay.record(std::chrono::steady_clock::now() - *sent);
}

void Player::join(bool at_keyframe) {
  joined_ = true;
  joined_at_ = std::chrono::steady_clock::now();
  stage_.meter.first_frame.record(joined_at_ - asked_);
  ++(at_keyframe ? stage_.meter.joined_at_keyframe : stage_.meter.joined_elsewhere);
  if (!measures_) connection_.drain();
}

}  // namespace weir::load
