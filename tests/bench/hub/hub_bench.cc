// What the hub adds to a write: appending a frame, and moving viewers over it.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <vector>

#include "media_svc/hub/cursor.h"
#include "media_svc/hub/stream_log.h"
#include "tests/support/tag_generator.h"

namespace weir::media::hub {
namespace {

// A picture of a 2.65 Mbit/s stream at 25 a second.
constexpr std::size_t kPictureBytes = 13'000;
constexpr Duration kPictureTime{40};
constexpr int kGop = 50;

class LiveStream {
 public:
  LiveStream() {
    log_.begin(1);
    const support::Bytes coded(kPictureBytes, 1);
    keyframe_ = SharedBytes::copy_of(support::avc_frame(true, coded));
    picture_ = SharedBytes::copy_of(support::avc_frame(false, coded));
    append();
  }

  void append() {
    const bool key = number_++ % kGop == 0;
    now_ += kPictureTime;
    log_.append(1, Frame::make(flv::TagType::kVideo, number_ * 40, key ? keyframe_ : picture_),
                now_);
    log_.commit(1);
  }
  const StreamLog& log() const { return log_; }
  SteadyTime now() const { return now_; }

 private:
  StreamLog log_{LogLimits{}};
  SharedBytes keyframe_;
  SharedBytes picture_;
  std::uint32_t number_ = 0;
  SteadyTime now_{std::chrono::hours(1)};
};

std::vector<Cursor> viewers_at_the_head(const LiveStream& stream, std::int64_t count) {
  std::vector<Cursor> viewers;
  std::array<const Frame*, 64> frames{};
  for (std::int64_t i = 0; i < count; ++i) {
    Cursor& viewer = viewers.emplace_back(stream.log(), stream.now());
    while (const std::size_t ready = viewer.peek(frames, stream.now())) viewer.consume(ready);
  }
  return viewers;
}

void append(benchmark::State& state) {
  LiveStream stream;
  for (auto _ : state) stream.append();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append);

// Each viewer asks for its frames itself.
void pull_one_by_one(benchmark::State& state) {
  LiveStream stream;
  auto viewers = viewers_at_the_head(stream, state.range(0));
  std::array<const Frame*, 64> frames{};
  for (auto _ : state) {
    stream.append();
    for (Cursor& viewer : viewers) {
      const std::size_t count = viewer.peek(frames, stream.now());
      benchmark::DoNotOptimize(frames[0]);
      viewer.consume(count);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(pull_one_by_one)->Arg(100)->Arg(1'000);

// Viewers at the head are sent what was gathered once for all of them.
void share_what_was_gathered(benchmark::State& state) {
  LiveStream stream;
  auto viewers = viewers_at_the_head(stream, state.range(0));
  for (auto _ : state) {
    const Sequence head = stream.log().end();
    stream.append();
    for (Cursor& viewer : viewers) {
      if (viewer.position() == head) viewer.consume(1);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(share_what_was_gathered)->Arg(100)->Arg(1'000);

void join(benchmark::State& state) {
  LiveStream stream;
  for (int i = 0; i < kGop; ++i) stream.append();
  std::array<const Frame*, 64> frames{};
  for (auto _ : state) {
    Cursor viewer(stream.log(), stream.now());
    benchmark::DoNotOptimize(viewer.peek(frames, stream.now()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(join);

}  // namespace
}  // namespace weir::media::hub

BENCHMARK_MAIN();
