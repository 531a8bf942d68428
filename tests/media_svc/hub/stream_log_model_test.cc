// Random streams, joins and readers of every speed against a model that keeps everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "media_svc/hub/cursor.h"
#include "media_svc/hub/stream_log.h"
#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

// All that was ever published, one entry a frame that the log took in.
struct Published {
  FrameHandle frame;
  // The video configuration in force, by payload; null before the first.
  const std::uint8_t* configuration;
  PublicationId publication;
};

struct Reader {
  explicit Reader(const Cursor& at) : cursor(at) {}

  Cursor cursor;
  // Frames of the log that it has been given.
  std::uint64_t received = 0;
  // Of the log, counted from the first frame given.
  std::optional<Sequence> next;
  std::optional<Sequence> first;
  std::uint64_t skipped_before_first = 0;
  const std::uint8_t* configuration = nullptr;
};

class Model {
 public:
  explicit Model(std::uint32_t seed) : random_(seed), with_video_(chance(80)) { log_.begin(++id_); }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      const int dice = static_cast<int>(random_() % 100);
      if (dice < 55) {
        publish();
      } else if (dice < 60) {
        readers_.emplace_back(Cursor(log_, now_));
      } else if (dice < 95) {
        if (!readers_.empty()) read(readers_[random_() % readers_.size()]);
      } else if (dice < 97) {
        now_ += Duration(random_() % 3'000);
      } else if (dice < 98) {
        republish();
      } else if (!readers_.empty()) {
        readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(random_() % readers_.size()));
      }
      EXPECT_LE(log_.bytes(), kBytes);
    }
    for (Reader& reader : readers_) check_at_the_end(reader);
  }

 private:
  static constexpr std::size_t kBytes = 20'000;

  bool chance(unsigned percent) { return random_() % 100 < percent; }

  void publish() {
    FrameHandle frame;
    const auto number = static_cast<std::uint8_t>(random_() % 250);
    const unsigned dice = random_() % 100;
    if (!with_video_ || dice < 40) {
      frame = audio(number);
    } else if (dice < 45) {
      frame = video_configuration(number % 3);
    } else {
      frame = dice < 55 ? key(number) : inter(number);
    }
    const Sequence before = log_.end();
    log_.append(id_, frame, now_);
    log_.commit(id_);
    now_ += Duration(random_() % 40);
    if (log_.end() == before) return;
    if (frame->role() == flv::TagRole::kConfiguration) configuration_ = frame->payload().data();
    sequences_[frame.get()] = before;
    published_.push_back({frame, configuration_, id_});
  }

  void republish() {
    log_.end(id_, EndReason::kCompleted);
    if (chance(50)) readers_.emplace_back(Cursor(log_, now_));
    log_.begin(++id_);
    configuration_ = nullptr;
  }

  // Having read all that there is, a reader has been given or has skipped every frame.
  void check_at_the_end(Reader& reader) {
    while (read(reader) > 0) {
    }
    EXPECT_EQ(reader.cursor.lag(now_), Duration{0});
    if (!reader.cursor.position() || !reader.first) return;
    EXPECT_EQ(reader.received + reader.cursor.skipped() - reader.skipped_before_first,
              log_.end() - *reader.first);
  }

  std::size_t read(Reader& reader) {
    std::array<const Frame*, 8> frames{};
    const std::size_t room = random_() % frames.size() + 1;
    const std::size_t count = reader.cursor.peek(std::span(frames).first(room), now_);
    for (std::size_t i = 0; i < count; ++i) take(reader, *frames[i]);
    reader.cursor.consume(count);
    return count;
  }

  void take(Reader& reader, const Frame& frame) {
    if (frame.role() == flv::TagRole::kConfiguration) {
      reader.configuration = frame.payload().data();
    }
    const auto found = sequences_.find(&frame);
    // Made for the joiner: not of the log.
    if (found == sequences_.end()) return;
    const Sequence sequence = found->second;
    if (!reader.next || sequence != *reader.next) jumped(reader, frame, sequence);
    reader.next = sequence + 1;
    ++reader.received;
    // Where a publication has sent none yet, an older one may still be set.
    const std::uint8_t* const in_force = published_[sequence].configuration;
    if (frame.type() == flv::TagType::kVideo && in_force != nullptr) {
      EXPECT_EQ(reader.configuration, in_force) << "at " << sequence;
    }
  }

  // A start or a jump leads forward to a keyframe, where frames with keyframes are to be had.
  void jumped(Reader& reader, const Frame& frame, Sequence to) {
    if (reader.next) {
      EXPECT_GT(to, *reader.next) << "backwards";
      EXPECT_LT(*reader.next, log_.first()) << "skipped what was still there";
    } else {
      reader.first = to;
      reader.skipped_before_first = reader.cursor.skipped();
    }
    if (frame.role() == flv::TagRole::kKeyframe) return;
    const bool keyframe_in_reach = std::any_of(
        published_.begin() + static_cast<std::ptrdiff_t>(log_.first()),
        published_.begin() + static_cast<std::ptrdiff_t>(to), [this](const Published& other) {
          return other.publication == id_ && other.frame->role() == flv::TagRole::kKeyframe;
        });
    if (reader.next) EXPECT_FALSE(keyframe_in_reach) << "a keyframe was passed over";
  }

  std::mt19937 random_;
  const bool with_video_;
  SteadyTime now_{std::chrono::seconds(100)};
  StreamLog log_{LogLimits{
      .bytes = kBytes, .history = std::chrono::seconds(1), .newest_gop = std::chrono::seconds(10)}};
  PublicationId id_ = 0;
  const std::uint8_t* configuration_ = nullptr;
  std::vector<Published> published_;
  std::unordered_map<const Frame*, Sequence> sequences_;
  std::vector<Reader> readers_;
};

class StreamLogModel : public testing::TestWithParam<std::uint32_t> {};

TEST_P(StreamLogModel, Agrees) { Model(GetParam()).run(3'000); }

INSTANTIATE_TEST_SUITE_P(Seeds, StreamLogModel, testing::Range(0U, 30U));

}  // namespace
}  // namespace weir::media::hub
