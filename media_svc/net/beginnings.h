// Since when things of one kind have been going on.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "common/clock.h"

namespace weir::media::net {

// Any thread; outlives its entries.
class Beginnings {
 public:
  // One thing that goes on; taken out by its destructor.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept
        : beginnings_(std::exchange(other.beginnings_, nullptr)), place_(other.place_) {}
    Entry& operator=(Entry&& other) noexcept {
      std::swap(beginnings_, other.beginnings_);
      std::swap(place_, other.place_);
      return *this;
    }
    ~Entry() {
      if (beginnings_) beginnings_->remove(place_);
    }

   private:
    friend class Beginnings;
    Entry(Beginnings* beginnings, std::multiset<SteadyTime>::const_iterator place)
        : beginnings_(beginnings), place_(place) {}
    Beginnings* beginnings_ = nullptr;
    std::multiset<SteadyTime>::const_iterator place_;
  };

  Entry add(SteadyTime time) {
    const std::scoped_lock lock(mutex_);
    return {this, times_.insert(time)};
  }
  // Of what has been going on for longest.
  std::optional<SteadyTime> oldest() const {
    const std::scoped_lock lock(mutex_);
    if (times_.empty()) return std::nullopt;
    return *times_.begin();
  }

 private:
  void remove(std::multiset<SteadyTime>::const_iterator place) {
    const std::scoped_lock lock(mutex_);
    times_.erase(place);
  }

  mutable std::mutex mutex_;
  std::multiset<SteadyTime> times_;
};

}  // namespace weir::media::net
