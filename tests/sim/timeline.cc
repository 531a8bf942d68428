#include "tests/sim/timeline.h"

#include <utility>

namespace weir::sim {

void Timeline::at(SteadyTime time, std::function<void()> what) {
  planned_.push({time, order_++, std::move(what)});
}

bool Timeline::step() {
  if (planned_.empty()) return false;
  // The queue gives only a const view of its top; what is taken out is not looked at again.
  auto what = std::move(const_cast<Planned&>(planned_.top()).what);
  now_ = planned_.top().time;
  planned_.pop();
  what();
  return true;
}

}  // namespace weir::sim
