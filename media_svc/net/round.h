// What waits to be done together, a moment later.
#pragma once

#include <algorithm>
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

  // Is not done with the others, also where those before it are being done. Who does not wait may
  // leave, too.
  void leave(const Member& member) {
    const auto is_it = [&](const auto& held) { return held.get() == &member; };
    std::erase_if(members_, is_it);
    if (members_.empty()) timer_.cancel();
    const auto in_running = std::ranges::find_if(running_, is_it);
    if (in_running != running_.end()) in_running->reset();
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
    for (auto& held : running_) {
      if (const auto member = std::move(held)) member->on_round();
    }
    running_.clear();
  }

  boost::asio::steady_timer timer_;
  std::vector<std::shared_ptr<Member>> members_;
  std::vector<std::shared_ptr<Member>> running_;
};

}  // namespace weir::media::net
