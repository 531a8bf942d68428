// What waits to be done together, a moment later.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace weir::media::net {

// One timer for all members of a worker: the round runs when the first of those who joined is due,
// and does all of them. On its worker's thread. `Member::on_round()` is called once for each time
// that a member joined and did not leave.
template <class Member>
class Round {
 public:
  explicit Round(boost::asio::io_context& io) : timer_(io) {}

  void join(std::shared_ptr<Member> member, Duration within) {
    members_.push_back(std::move(member));
    const auto due = std::chrono::steady_clock::now() + within;
    if (members_.size() > 1 && due >= timer_.expiry()) return;
    timer_.expires_at(due);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) run();
    });
  }

  // Is not done with the others. Who does not wait may leave, too.
  void leave(const Member& member) {
    std::erase_if(members_, [&](const auto& held) { return held.get() == &member; });
    if (members_.empty()) timer_.cancel();
  }

  // Those who wait are done at once.
  void run_now() {
    timer_.cancel();
    run();
  }

 private:
  void run() {
    // Members may join the next round from within; both lists keep their memory.
    running_.swap(members_);
    for (const auto& member : running_) member->on_round();
    running_.clear();
  }

  boost::asio::steady_timer timer_;
  std::vector<std::shared_ptr<Member>> members_;
  std::vector<std::shared_ptr<Member>> running_;
};

}  // namespace weir::media::net
