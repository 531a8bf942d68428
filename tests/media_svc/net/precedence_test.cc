// Who interrupts whom.
#include "media_svc/net/precedence.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <future>
#include <thread>

#include "media_svc/net/worker.h"

namespace weir::media::net {
namespace {

int policy() { return ::sched_getscheduler(0); }

TEST(Precedence, IsTheWorkersAlone) {
  // In a thread of its own, as it is for good.
  std::thread([] {
    give_way();
    EXPECT_EQ(policy(), SCHED_BATCH);
    std::thread([] { EXPECT_EQ(policy(), SCHED_BATCH); }).join();

    Worker worker(0);
    worker.start();
    std::promise<int> of_worker;
    worker.post([&] { of_worker.set_value(policy()); });
    EXPECT_EQ(of_worker.get_future().get(), SCHED_OTHER);
    worker.stop();
  }).join();
}

}  // namespace
}  // namespace weir::media::net
