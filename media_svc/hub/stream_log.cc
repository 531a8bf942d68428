#include "media_svc/hub/stream_log.h"

#include <algorithm>
#include <utility>

namespace weir::media::hub {

void StreamLog::begin(PublicationId publication) {
  if (publication <= publication_) return;
  if (live_) end(publication_, EndReason::kReplaced);
  publication_ = publication;
  live_ = true;
  has_begun_at_keyframe_ = false;
  if (listener_) listener_->on_begin();
}

void StreamLog::append(PublicationId publication, const FrameHandle& frame, SteadyTime arrival) {
  if (publication != publication_ || !live_) return;
  const flv::TagRole role = frame->role();
  std::size_t held = held_bytes(*frame);
  const bool is_about_stream =
      role == flv::TagRole::kConfiguration || role == flv::TagRole::kMetadata;
  if (is_about_stream) {
    if (!reconfigure(frame)) return;
    held += configuration_->copy_bytes();
  } else if (configuration_ && configuration_->is_changed_by(*frame)) {
    follow(*frame);
    held += configuration_->copy_bytes();
  }
  if (frame->type() == flv::TagType::kVideo && !is_about_stream) {
    note_video(*frame, arrival);
    if (!has_begun_at_keyframe_ && keyframe_awaited(arrival)) return;
  }
  bytes_ += held;
  entries_.push_back({frame, arrival, held});
  trim(arrival);
}

std::size_t StreamLog::held_bytes(const Frame& frame) {
  // Of the allocations that are a frame, its rendering and the bytes of both.
  constexpr std::size_t kOverhead = std::size_t{4} * 32;
  return sizeof(Entry) + sizeof(Frame) + kOverhead + 2 * frame.payload().size();
}

bool StreamLog::reconfigure(const FrameHandle& frame) {
  if (configuration_ && configuration_->knows(*frame)) return false;
  auto changed = configuration_ ? std::make_shared<Configuration>(*configuration_)
                                : std::make_shared<Configuration>();
  changed->take(frame);
  configuration_ = std::move(changed);
  configured_ = end();
  return true;
}

void StreamLog::follow(const Frame& frame) {
  auto changed = std::make_shared<Configuration>(*configuration_);
  changed->follow(frame);
  configuration_ = std::move(changed);
}

void StreamLog::note_video(const Frame& frame, SteadyTime arrival) {
  if (is_start(frame, arrival)) {
    has_begun_at_keyframe_ = true;
    video_track_ = frame.tag_class().track;
    // Nobody starts at an older one.
    if (!keyframes_.empty()) keyframes_.back().prelude.reset();
    keyframes_.push_back({end(), configuration_, configured_, nullptr});
    keyframe_expected_since_ = arrival;
  } else if (!newest_video_) {
    keyframe_expected_since_ = arrival;
  }
  const flv::TagClass& tag = frame.tag_class();
  if (tag.role == flv::TagRole::kSequenceEnd && tag.track == video_track_) video_track_.reset();
  newest_video_ = end();
}

bool StreamLog::is_start(const Frame& frame, SteadyTime arrival) const {
  if (frame.role() != flv::TagRole::kKeyframe) return false;
  return !video_track_ || frame.tag_class().track <= *video_track_ ||
         arrival - keyframe_expected_since_ > limits_.newest_gop;
}

void StreamLog::trim(SteadyTime now) {
  while (entries_.size() > 1 && front_is_surplus(now)) {
    bytes_ -= entries_.front().held_bytes;
    entries_.pop_front();
    ++first_;
  }
  while (!keyframes_.empty() && keyframes_.front().sequence < first_) keyframes_.pop_front();
}

bool StreamLog::front_is_surplus(SteadyTime now) const {
  const auto age = now - entries_.front().arrival;
  if (bytes_ > limits_.bytes || age > limits_.newest_gop) return true;
  const bool in_newest_gop = !keyframes_.empty() && first_ >= keyframes_.back().sequence;
  return age > limits_.history && !in_newest_gop;
}

void StreamLog::commit(PublicationId publication) {
  if (publication != publication_ || committed_ == end()) return;
  committed_ = end();
  if (listener_) listener_->on_frames();
}

void StreamLog::end(PublicationId publication, EndReason reason) {
  if (publication != publication_ || !live_) return;
  commit(publication);
  live_ = false;
  configuration_.reset();
  keyframes_.clear();
  video_track_.reset();
  newest_video_.reset();
  if (listener_) listener_->on_end(reason);
}

std::optional<Sequence> StreamLog::start(SteadyTime now) const {
  if (!live_) return std::nullopt;
  if (!keyframes_.empty()) return keyframes_.back().sequence;
  if (keyframe_awaited(now)) return std::nullopt;
  return end();
}

bool StreamLog::keyframe_awaited(SteadyTime now) const {
  const bool has_video = newest_video_ && *newest_video_ >= first_;
  return has_video && now - keyframe_expected_since_ <= limits_.newest_gop;
}

std::shared_ptr<const StreamLog::Prelude> StreamLog::prelude(Sequence start, Sequence seen) const {
  if (!keyframes_.empty() && keyframes_.back().sequence == start) {
    const Keyframe& keyframe = keyframes_.back();
    if (!keyframe.configuration || keyframe.configured < seen) return nullptr;
    if (!keyframe.prelude) {
      keyframe.prelude =
          std::make_shared<const Prelude>(keyframe.configuration->frames_at(at(start).timestamp()));
    }
    return keyframe.prelude;
  }
  if (!configuration_ || configured_ < seen) return nullptr;
  const std::uint32_t timestamp = entries_.empty() ? 0 : entries_.back().frame->timestamp();
  return std::make_shared<const Prelude>(configuration_->frames_at(timestamp));
}

}  // namespace weir::media::hub
