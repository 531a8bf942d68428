// Threads that take no processor from others when they are woken.
#pragma once

#include <sched.h>

namespace weir::wire {

// While it lives, what its thread starts is scheduled as SCHED_BATCH (sched(7)): a thread that is
// woken waits until whoever runs has to wait himself. For gRPC's threads: an answer wakes one of
// them, which would take the processor from the thread that has the next answer to give, for each
// of the answers to one commit. Needs no rights; where it is forbidden nothing changes.
class BatchThreads {
 public:
  BatchThreads() : before_(sched_getscheduler(0)) {
    if (before_ == SCHED_OTHER) become(SCHED_BATCH);
  }
  BatchThreads(const BatchThreads&) = delete;
  BatchThreads& operator=(const BatchThreads&) = delete;
  ~BatchThreads() {
    if (before_ == SCHED_OTHER) become(SCHED_OTHER);
  }

 private:
  static void become(int policy) {
    const sched_param plain{};
    (void)sched_setscheduler(0, policy, &plain);
  }

  const int before_;
};

}  // namespace weir::wire
