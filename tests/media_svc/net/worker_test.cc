#include "media_svc/net/worker.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "media_svc/net/worker_pool.h"

namespace weir::media::net {
namespace {

TEST(Worker, StopsThoughATickIsDue) {
  Worker worker(0);
  worker.start();
  // Keeps the worker until a tick is due, which is then found behind the order to stop.
  std::promise<void> busy;
  worker.post([&busy] {
    busy.set_value();
    std::this_thread::sleep_for(2 * Worker::kTick);
  });
  busy.get_future().wait();
  worker.stop();
}

// Waits for what a worker tells all that live on it when it stops.
class Latecomer final : public Connection {
 public:
  void on_tick(SteadyTime /*now*/) override {}
  void shut_down() override { told_.set_value(); }
  bool wait_told() {
    return told_.get_future().wait_for(std::chrono::seconds{30}) == std::future_status::ready;
  }

 private:
  std::promise<void> told_;
};

TEST(Worker, ShutsDownWhatComesAfterItWasToldToStop) {
  Worker worker(0);
  worker.start();
  // As connections do that have yet to end.
  auto last_of_before = boost::asio::make_work_guard(worker.io());
  worker.begin_stop();
  const auto late = std::make_shared<Latecomer>();
  worker.post([&worker, late] { worker.add(late); });
  EXPECT_TRUE(late->wait_told());
  last_of_before.reset();
  worker.stop();
}

TEST(WorkerPool, ReportsAWorkerThatDoesNotEnd) {
  WorkerPool workers(2);
  workers.start();
  std::promise<void> busy;
  std::promise<void> free;
  workers.at(1).post([&] {
    busy.set_value();
    free.get_future().wait();
  });
  busy.get_future().wait();
  const std::uint64_t turns = workers.turns()[1];
  EXPECT_FALSE(workers.stop_within(2 * Worker::kTick));
  EXPECT_EQ(workers.turns()[1], turns);
  free.set_value();
  workers.stop();
}

TEST(WorkerPool, CountsTheTurnsOfAnIdleWorker) {
  WorkerPool workers(1);
  workers.start();
  const std::uint64_t before = workers.turns()[0];
  while (workers.turns()[0] == before) std::this_thread::yield();
  EXPECT_TRUE(workers.stop_within(std::chrono::seconds{30}));
}

}  // namespace
}  // namespace weir::media::net
