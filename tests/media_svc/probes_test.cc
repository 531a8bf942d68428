#include "media_svc/probes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <optional>
#include <string>
#include <thread>

#include "common/metrics/registry.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/worker_pool.h"

namespace weir::media {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWorkers = 1;
constexpr const char* kStandsStill = "a worker stands still";

// A real worker that stands still from its start until it is let go. Looks are the clock: the
// process takes one a second, a test as many as it wants.
class ProbesTest : public ::testing::Test {
 protected:
  ProbesTest() {
    load_.set_ready(true);
    workers_.at(0).post([this] { go_on_.wait(); });
    workers_.start();
  }
  ~ProbesTest() override { let_go(); }

  void let_go() {
    if (!go_on_.try_wait()) go_on_.count_down();
  }
  // Until it has been looked at so often.
  void look_on(std::uint32_t looks) {
    for (; looks_ < looks; ++looks_) watch_.look();
  }
  // For at most 30 s.
  bool looks_until_it_turns() {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (watch_.stalled() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(10ms);
      watch_.look();
    }
    return !watch_.stalled();
  }
  std::optional<std::string> fault() { return probes_.fault(); }
  std::string reason() { return probes_.readiness().reason; }

  metrics::Registry registry_;
  MediaMetrics metrics_{registry_, kWorkers};
  InstanceLoad load_{metrics_, {}};
  std::latch go_on_{1};
  net::WorkerPool workers_{kWorkers};
  WorkerWatch watch_{workers_, metrics_};
  // Never started: control has not answered.
  control_link::ControlLink control_{{.target = "127.0.0.1:1",
                                      .instance_id = "probed",
                                      .version = "1",
                                      .route = {},
                                      .admission_timeout = 5s},
                                     {}};
  const metrics::Probes probes_ = probes(control_, load_, watch_);

 private:
  std::uint32_t looks_ = 0;
};

TEST_F(ProbesTest, AWorkerThatStandsStillEndsReadinessSoonAndLifeAfterFiveMinutes) {
  static_assert(drain::StallWatch::kLook * drain::StallWatch::kStalledLooks == 15s);
  static_assert(drain::StallWatch::kLook * drain::StallWatch::kStuckLooks == 5min);
  look_on(14);
  EXPECT_EQ(reason(), "control has not answered yet");
  look_on(15);
  EXPECT_EQ(reason(), kStandsStill);
  EXPECT_EQ(metrics_.workers_stalled.Value(), 1);
  look_on(299);
  EXPECT_EQ(fault(), std::nullopt) << "what others serve moves first";
  look_on(300);
  EXPECT_EQ(fault(), kStandsStill);
}

TEST_F(ProbesTest, AWorkerThatTurnsAgainIsAsIfNothingHadBeen) {
  look_on(300);
  let_go();
  ASSERT_TRUE(looks_until_it_turns());
  EXPECT_EQ(metrics_.workers_stalled.Value(), 0);
  EXPECT_EQ(fault(), std::nullopt);
  EXPECT_EQ(reason(), "control has not answered yet");
}

TEST_F(ProbesTest, WhyItIsNotReady) {
  load_.set_cordoned(true);
  EXPECT_EQ(reason(), "cordoned by an operator");
  load_.set_ready(false);
  EXPECT_EQ(reason(), "shutting down");
  EXPECT_FALSE(probes_.readiness().ready);
  EXPECT_EQ(fault(), std::nullopt) << "it lives to its end";
}

}  // namespace
}  // namespace weir::media
