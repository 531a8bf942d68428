#include "tests/load/progress_line.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace weir::load {
namespace {

// Of a counter that goes back to zero when a step begins to measure.
std::uint64_t grown(std::uint64_t now, std::uint64_t before) {
  return now >= before ? now - before : now;
}

}  // namespace

ProgressLine::ProgressLine()
    : terminal_(isatty(STDERR_FILENO) == 1),
      began_(std::chrono::steady_clock::now()),
      last_(began_) {}

ProgressLine::~ProgressLine() {
  if (terminal_ && shown_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressLine::show(Time now, const Headcount& heads, const Meter& meter) {
  using Seconds = std::chrono::duration<double>;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const double passed = std::max(1e-3, Seconds(now - last_).count());
  const Window& window = meter.window;
  const auto rate = [passed](std::uint64_t bytes) {
    return static_cast<double>(bytes) / 1e6 / passed;
  };
  fmt::print(stderr,
             "{}{:6.1f} s  publishers {}  players {}  others {}  in {:.1f} MB/s  out {:.1f} MB/s  "
             "delay p50 {:.2f} p99 {:.2f} ms  dropped {}  lost {}{}",
             terminal_ ? "\r" : "", Seconds(now - began_).count(), heads.publishers, heads.players,
             heads.others, rate(grown(window.bytes_received, received_)),
             rate(grown(window.bytes_sent, sent_)),
             Milliseconds(window.delay.percentile(0.5)).count(),
             Milliseconds(window.delay.percentile(0.99)).count(), window.frames_dropped, meter.lost,
             terminal_ ? "\x1b[K" : "\n");
  std::fflush(stderr);
  shown_ = true;
  last_ = now;
  received_ = window.bytes_received;
  sent_ = window.bytes_sent;
}

}  // namespace weir::load
