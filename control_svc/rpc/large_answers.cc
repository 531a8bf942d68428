#include "control_svc/rpc/large_answers.h"

namespace weir::control::rpc {

std::optional<LargeAnswers::Permit> LargeAnswers::take(std::string caller) {
  {
    const std::scoped_lock lock(mutex_);
    std::size_t& own = under_way_[caller];
    if (own >= kMostOfOneCaller || all_ >= kMost) {
      if (own == 0) under_way_.erase(caller);
      return std::nullopt;
    }
    ++own;
    ++all_;
  }
  return Permit(*this, std::move(caller));
}

void LargeAnswers::give_back(const std::string& caller) {
  const std::scoped_lock lock(mutex_);
  --all_;
  const auto found = under_way_.find(caller);
  if (--found->second == 0) under_way_.erase(found);
}

}  // namespace weir::control::rpc
