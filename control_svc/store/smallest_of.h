// The first page of many entries that come in no order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace weir::control::store {

// Keeps the smallest of all that are offered. Lives as long as one search.
template <class Entry, class Less>
class SmallestOf {
 public:
  explicit SmallestOf(std::size_t most) : most_(most) {}

  bool full() const { return entries_.size() >= most_; }
  // False: there are enough smaller ones.
  bool offer(Entry entry) {
    if (full() && !less_(entry, entries_.front())) return false;
    if (full()) {
      std::ranges::pop_heap(entries_, less_);
      entries_.pop_back();
    }
    entries_.push_back(std::move(entry));
    std::ranges::push_heap(entries_, less_);
    return true;
  }
  std::vector<Entry> sorted() && {
    std::ranges::sort_heap(entries_, less_);
    return std::move(entries_);
  }

 private:
  const std::size_t most_;
  Less less_;
  std::vector<Entry> entries_;
};

}  // namespace weir::control::store
