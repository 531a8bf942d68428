// A store whose commits become durable when a test says so.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "control_svc/store/timed_store.h"

namespace weir::control::rpc {

// In front of one that replies at once. Hold and release from any thread.
class LateStore final : public store::TimedStore {
 public:
  explicit LateStore(store::RecordStore& store) : TimedStore(store, [](auto, auto) {}) {}

  // What is committed from now on is answered with `release`.
  void hold() {
    const std::scoped_lock lock(mutex_);
    holding_ = true;
  }
  void release() {
    std::unique_lock lock(mutex_);
    holding_ = false;
    const auto late = std::exchange(late_, {});
    lock.unlock();
    for (const auto& reply : late) reply();
  }

  void commit_user(store::UserCommit commit, store::Reply<store::Done> reply) override {
    TimedStore::commit_user(std::move(commit), [this, reply = std::move(reply)](
                                                   Result<store::Done, store::StoreError> result) {
      std::unique_lock lock(mutex_);
      if (holding_) {
        late_.emplace_back([reply, result] { reply(result); });
        return;
      }
      lock.unlock();
      reply(result);
    });
  }

 private:
  std::mutex mutex_;
  bool holding_ = false;
  std::vector<std::function<void()>> late_;
};

}  // namespace weir::control::rpc
