// A published stream as an append-only log. Every output is a cursor on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "media_svc/hub/configuration.h"
#include "media_svc/hub/frame.h"

namespace weir::media::hub {

// The place of a frame in its log; never used twice, also not across publications.
using Sequence = std::uint64_t;

// One publisher's time on a name; rises with each publication anywhere in the process.
using PublicationId = std::uint64_t;

enum class EndReason : std::uint8_t {
  // The publisher said that it was done.
  kCompleted,
  // Its connection was lost or fell silent.
  kInterrupted,
  // It goes on elsewhere, as far as is known, and may come here from there.
  kMoved,
  // Control ended it.
  kEnded,
  // A newer publisher of the same name took its place.
  kReplaced,
};

// What a log keeps, in bytes as its frames hold them and in time since the arrival. The newest
// frame is always kept.
struct LogLimits {
  std::size_t bytes = std::size_t{32} * 1024 * 1024;
  // Of what is older than the newest keyframe.
  Duration history{5'000};
  // From the newest keyframe on. A stream without keyframes for longer is joined anywhere.
  Duration newest_gop{60'000};
};

// Hears of a log's news on the log's worker. Must not begin, append to or end the log.
class LogListener {
 public:
  virtual void on_begin() = 0;
  // Frames were appended, up to the log's end: once for all of them.
  virtual void on_frames() = 0;
  virtual void on_end(EndReason reason) = 0;

 protected:
  ~LogListener() = default;
};

// Owned by one worker and only used on it. Filled by the publication on this worker, or as the
// replica of one elsewhere. Lives as long as anyone here publishes or is attached to the name, so
// that players go on with the next publication: `begin` … `append` … `commit` … `end`, again and
// again. Calls for an older publication than the newest begun change nothing: late news of a
// publisher that has been replaced.
class StreamLog {
 public:
  explicit StreamLog(LogLimits limits) : limits_(limits) {}
  StreamLog(const StreamLog&) = delete;
  StreamLog& operator=(const StreamLog&) = delete;

  // The one listener, or null. Not owned.
  void set_listener(LogListener* listener) { listener_ = listener; }
  bool has_listener() const { return listener_ != nullptr; }

  // A publication still running ends as replaced.
  void begin(PublicationId publication);
  // Leaves out what repeats the configuration in force, and the publication's video before its
  // first keyframe, of which nobody can make a picture: not even who goes on from the one before.
  void append(PublicationId publication, const FrameHandle& frame, SteadyTime arrival);
  // Tells the listener what was appended since the last time.
  void commit(PublicationId publication);
  // The frames stay, for those who still read.
  void end(PublicationId publication, EndReason reason);

  bool live() const { return live_; }

  // Frames in [first(), end()) can be read; a reference lasts until the next append.
  Sequence first() const { return first_; }
  Sequence end() const { return first_ + entries_.size(); }
  const Frame& at(Sequence sequence) const { return *entries_[sequence - first_].frame; }
  SteadyTime arrival(Sequence sequence) const { return entries_[sequence - first_].arrival; }
  std::size_t bytes() const { return bytes_; }
  // What a frame in a log holds: itself, its payload, and a rendering of about the same size.
  static std::size_t held_bytes(const Frame& frame);

  // Whether readers would start at `frame`, if it came next: at a keyframe of the lowest track that
  // has any, or of another where that has had none for too long.
  bool is_start(const Frame& frame, SteadyTime arrival) const;
  // Where a reader that starts now starts: at the newest keyframe; at the end where the stream has
  // no video, or none that could be waited for. Nothing while a keyframe is to be waited for.
  std::optional<Sequence> start(SteadyTime now) const;
  // What has to be sent before the frame at `start`, which is what start() returned, to one who
  // has seen all before `seen`; null if that is nothing. Built once for all who start at a
  // keyframe.
  using Prelude = std::vector<FrameHandle>;
  std::shared_ptr<const Prelude> prelude(Sequence start, Sequence seen) const;

 private:
  struct Entry {
    FrameHandle frame;
    SteadyTime arrival;
    std::size_t held_bytes;
  };
  struct Keyframe {
    Sequence sequence;
    // In force there, and its newest change; null if there was none.
    std::shared_ptr<const Configuration> configuration;
    Sequence configured;
    mutable std::shared_ptr<const Prelude> prelude;
  };

  // False where `frame` changes nothing.
  bool reconfigure(const FrameHandle& frame);
  // Configuration goes out of use with the frame, or comes into it again.
  void follow(const Frame& frame);
  void note_video(const Frame& frame, SteadyTime arrival);
  void trim(SteadyTime now);
  bool front_is_surplus(SteadyTime now) const;
  bool keyframe_awaited(SteadyTime now) const;

  const LogLimits limits_;
  LogListener* listener_ = nullptr;
  PublicationId publication_ = 0;
  bool live_ = false;

  std::deque<Entry> entries_;
  Sequence first_ = 0;
  Sequence committed_ = 0;
  std::size_t bytes_ = 0;

  std::shared_ptr<const Configuration> configuration_;
  Sequence configured_ = 0;
  std::deque<Keyframe> keyframes_;
  bool has_begun_at_keyframe_ = false;
  // The lowest with a keyframe lately: only its keyframes count.
  std::optional<std::uint8_t> video_track_;
  // The newest video frame of this publication, or its place where it was left out.
  std::optional<Sequence> newest_video_;
  // Since when a keyframe is to be expected: the newest one, or the first video frame.
  SteadyTime keyframe_expected_since_{};
};

}  // namespace weir::media::hub
