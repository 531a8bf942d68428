// Lets a coroutine wait for the reply of a store.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "control_svc/store/record_store.h"

namespace weir::control::store {

// The coroutine type of an operation: starts at once, runs on whatever thread the store replies
// on, answers through a callback among its arguments and frees itself.
struct Operation {
  struct promise_type {
    Operation get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    [[noreturn]] void unhandled_exception() { std::terminate(); }
  };
};

// co_await awaited<T>([&](Reply<T> reply) { store.load_…(…, std::move(reply)); }) is the Result<T,
// StoreError> of that call. Does not suspend when the store replies before the call returns.
template <class T, class Call>
class Awaited {
 public:
  explicit Awaited(Call call) : call_(std::move(call)) {}
  Awaited(const Awaited&) = delete;
  Awaited& operator=(const Awaited&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    call_(Reply<T>([this, waiting](Result<T, StoreError>&& result) {
      result_ = std::move(result);
      // Last to touch this object if the call has not returned yet.
      if (one_side_done_.exchange(true)) waiting.resume();
    }));
    return !one_side_done_.exchange(true);
  }
  Result<T, StoreError> await_resume() { return *std::move(result_); }

 private:
  Call call_;
  std::optional<Result<T, StoreError>> result_;
  // Set by the reply and by the returned call; whoever comes second goes on with the coroutine.
  std::atomic<bool> one_side_done_{false};
};

template <class T, class Call>
Awaited<T, Call> awaited(Call call) {
  return Awaited<T, Call>(std::move(call));
}

}  // namespace weir::control::store
