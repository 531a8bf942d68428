#include "media_svc/hub/cursor.h"

#include <algorithm>

namespace weir::media::hub {

Cursor::Cursor(const StreamLog& log, SteadyTime now)
    : log_(&log), joining_(log.live()), next_(log.end()), started_(now) {
  settle(now);
}

bool Cursor::settle(SteadyTime now) {
  const bool left_behind = next_ < log_->first();
  if (!joining_ && !left_behind) return true;
  const auto start = log_->start(now);
  if (!start) return false;
  if (joining_) {
    joining_ = false;
    start_at(*start, 0, now);
  } else {
    skipped_ += *start - next_;
    start_at(*start, next_, now);
  }
  return true;
}

void Cursor::start_at(Sequence start, Sequence seen, SteadyTime now) {
  prelude_ = log_->prelude(start, seen);
  prelude_sent_ = 0;
  next_ = start;
  started_ = now;
  due_.reset();
  note_due();
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
  if (joining_ || prelude_ || next_ < log_->first()) return std::nullopt;
  return next_;
}

Duration Cursor::lag(SteadyTime now) {
  if (joining_) return Duration{0};
  note_due();
  return due_ ? now - *due_ : Duration{0};
}

}  // namespace weir::media::hub
