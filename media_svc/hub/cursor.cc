#include "media_svc/hub/cursor.h"

#include <algorithm>

namespace weir::media::hub {

Cursor::Cursor(const StreamLog& log, SteadyTime now) : log_(&log) { restart(now); }

void Cursor::restart(SteadyTime now) {
  state_ = log_->live() ? State::kJoining : State::kFollowing;
  next_ = log_->end();
  prelude_.reset();
  prelude_sent_ = 0;
  started_ = now;
  due_.reset();
  settle(now);
}

bool Cursor::settle(SteadyTime now) {
  if (state_ == State::kFollowing) {
    if (next_ >= log_->first()) return true;
    state_ = State::kLeftBehind;
  }
  const auto start = log_->start(now);
  if (!start) return false;
  // One left behind has seen all before its place, unless it is still owed what comes first there.
  const bool was_following = state_ == State::kLeftBehind;
  const Sequence seen = was_following && !prelude_ ? next_ : 0;
  if (was_following) skipped_ += *start - next_;
  prelude_ = log_->prelude(*start, seen);
  prelude_sent_ = 0;
  next_ = *start;
  state_ = State::kFollowing;
  started_ = now;
  due_.reset();
  note_due();
  return true;
}

void Cursor::note_due() {
  if (due_ || next_ >= log_->end()) return;
  due_ = std::max(started_, log_->arrival(std::max(next_, log_->first())));
}

std::size_t Cursor::peek(std::span<const Frame*> frames, SteadyTime now) {
  if (!settle(now)) return 0;
  std::size_t count = 0;
  if (prelude_) {
    for (std::size_t i = prelude_sent_; i < prelude_->size() && count < frames.size(); ++i) {
      frames[count++] = (*prelude_)[i].get();
    }
  }
  for (Sequence next = next_; next < log_->end() && count < frames.size(); ++next) {
    frames[count++] = &log_->at(next);
  }
  return count;
}

void Cursor::consume(std::size_t count) {
  if (prelude_) {
    const std::size_t from_prelude = std::min(count, prelude_->size() - prelude_sent_);
    prelude_sent_ += from_prelude;
    count -= from_prelude;
    if (prelude_sent_ == prelude_->size()) prelude_.reset();
  }
  if (count == 0) return;
  next_ += count;
  due_.reset();
  note_due();
}

std::optional<Sequence> Cursor::position() const {
  if (state_ != State::kFollowing || prelude_ || next_ < log_->first()) return std::nullopt;
  return next_;
}

Duration Cursor::lag(SteadyTime now) {
  if (state_ != State::kFollowing) return Duration{0};
  note_due();
  return due_ ? now - *due_ : Duration{0};
}

}  // namespace weir::media::hub
