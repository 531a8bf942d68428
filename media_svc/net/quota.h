// Counts of what is limited, each held by the object that gives it back.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::media::net {

// At most `limit` units at a time; 0 stands for no limit. Any thread; outlives its units.
class Quota {
 public:
  // One unit; given back by its destructor.
  class Unit {
   public:
    Unit() = default;
    Unit(Unit&& other) noexcept : quota_(std::exchange(other.quota_, nullptr)) {}
    Unit& operator=(Unit&& other) noexcept {
      std::swap(quota_, other.quota_);
      return *this;
    }
    ~Unit() {
      if (quota_) quota_->used_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    friend class Quota;
    explicit Unit(Quota* quota) : quota_(quota) {}
    Quota* quota_ = nullptr;
  };

  explicit Quota(std::size_t limit) : limit_(limit) {}

  std::optional<Unit> take() {
    if (used_.fetch_add(1, std::memory_order_relaxed) >= limit_ && limit_ != 0) {
      used_.fetch_sub(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return Unit(this);
  }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

// At most `limit` units of each key; keys without units leave nothing behind. Any thread.
template <class Key>
class KeyedQuota {
 public:
  class Unit {
   public:
    Unit() = default;
    Unit(Unit&& other) noexcept
        : quota_(std::exchange(other.quota_, nullptr)), key_(std::move(other.key_)) {}
    Unit& operator=(Unit&& other) noexcept {
      std::swap(quota_, other.quota_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~Unit() {
      if (quota_) quota_->give_back(key_);
    }

   private:
    friend class KeyedQuota;
    Unit(KeyedQuota* quota, Key key) : quota_(quota), key_(std::move(key)) {}
    KeyedQuota* quota_ = nullptr;
    Key key_{};
  };

  explicit KeyedQuota(std::size_t limit) : limit_(limit) {}

  std::optional<Unit> take(const Key& key) {
    if (limit_ == 0) return Unit();
    const std::scoped_lock lock(mutex_);
    std::size_t& used = used_[key];
    if (used >= limit_) return std::nullopt;
    ++used;
    return Unit(this, key);
  }

  // Keys with units.
  std::size_t keys() const {
    const std::scoped_lock lock(mutex_);
    return used_.size();
  }

 private:
  void give_back(const Key& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = used_.find(key);
    if (--found->second == 0) used_.erase(found);
  }

  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::map<Key, std::size_t> used_;
};

}  // namespace weir::media::net
