#include "common/metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace weir::metrics {
namespace {

using ::testing::HasSubstr;

TEST(Registry, EveryKindIsInTheText) {
  Registry registry;
  registry.counter("weir_things_total", "Things.").Increment(2);
  registry.gauge("weir_streams", "Streams.").Set(7);
  registry.histogram("weir_wait_seconds", "Waits.", {0.1, 1}).Observe(0.5);
  const Counters<2> refusals =
      registry.counters("weir_refusals_total", "Refusals.", {"kind", "reason"});
  refusals.with({"publish", "limit"}).Increment();
  refusals.with({"publish", "limit"}).Increment();
  registry.gauges("weir_states", "States.", {"state"}).with({"live"}).Set(1);
  registry.histograms("weir_calls_seconds", "Calls.", {"method"}, {1}).with({"Admit"}).Observe(2);
  registry.gauges_on_scrape("weir_sessions", "Sessions.", {"kind", "state"}, [] {
    return std::vector<Sample>{{{"play", "idle"}, 5}, {{"play", "active"}, 6}};
  });

  const std::string text = registry.text();
  for (const char* line :
       {"# HELP weir_things_total Things.", "# TYPE weir_things_total counter",
        "weir_things_total 2", "weir_streams 7", "weir_wait_seconds_bucket{le=\"0.1\"} 0",
        "weir_wait_seconds_bucket{le=\"1\"} 1", "weir_wait_seconds_sum 0.5",
        "weir_refusals_total{kind=\"publish\",reason=\"limit\"} 2", "weir_states{state=\"live\"} 1",
        "weir_calls_seconds_bucket{method=\"Admit\",le=\"+Inf\"} 1",
        "weir_sessions{kind=\"play\",state=\"idle\"} 5",
        "weir_sessions{kind=\"play\",state=\"active\"} 6"}) {
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
  }
}

TEST(Registry, ANameIsDeclaredOnce) {
  Registry registry;
  registry.counter("weir_things_total", "Things.");
  EXPECT_THROW(registry.counter("weir_things_total", "Things."), std::invalid_argument);
  EXPECT_THROW(registry.gauge("weir_things_total", "Things."), std::invalid_argument);
  EXPECT_THROW(registry.worker_counter("weir_things_total", "Things.", 1), std::invalid_argument);
}

TEST(Registry, WorkersCountApartAndAreReadTogether) {
  constexpr std::size_t kWorkers = 3;
  Registry registry;
  WorkerCounter& frames = registry.worker_counter("weir_frames_total", "Frames.", kWorkers);
  const auto bytes = registry.worker_counters("weir_egress_bytes_total", "Sent.", "protocol",
                                              {"rtmp", "relay"}, kWorkers);
  {
    std::vector<std::jthread> workers;
    for (std::size_t worker = 0; worker < kWorkers; ++worker) {
      workers.emplace_back([&, worker] {
        for (int n = 0; n < 1000; ++n) frames.of(worker).add();
        bytes[1].get().of(worker).add(10);
      });
    }
    EXPECT_LE(frames.sum(), kWorkers * 1000);
  }
  const std::string text = registry.text();
  EXPECT_THAT(text, HasSubstr("weir_frames_total 3000\n"));
  EXPECT_THAT(text, HasSubstr("weir_egress_bytes_total{protocol=\"rtmp\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("weir_egress_bytes_total{protocol=\"relay\"} 30\n"));
}

}  // namespace
}  // namespace weir::metrics
