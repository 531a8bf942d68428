#include "media_svc/net/precedence.h"

#include <sched.h>

#include <tuple>

namespace weir::media::net {
namespace {

// Where the system forbids it, threads interrupt each other as ever.
void set_policy(int policy) {
  const sched_param none{};
  std::ignore = ::sched_setscheduler(0, policy, &none);
}

}  // namespace

void give_way() { set_policy(SCHED_BATCH); }

void take_precedence() { set_policy(SCHED_OTHER); }

}  // namespace weir::media::net
