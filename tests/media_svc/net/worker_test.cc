#include "media_svc/net/worker.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

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

}  // namespace
}  // namespace weir::media::net
