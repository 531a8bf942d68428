#include "media_svc/net/worker.h"

#include <gtest/gtest.h>

#include <thread>

namespace weir::media::net {
namespace {

TEST(Worker, StopsThoughATickIsDue) {
  Worker worker(0);
  worker.start();
  // Keeps the worker until a tick is due behind the order to stop.
  worker.post([] { std::this_thread::sleep_for(2 * Worker::kTick); });
  worker.stop();
}

}  // namespace
}  // namespace weir::media::net
