// Unary calls under way, so that their owner can cancel them and outlive the last one.
#pragma once

#include <grpcpp/client_context.h>

#include <condition_variable>
#include <mutex>
#include <unordered_set>

namespace weir::media::control_link {

// Owned by ControlLink; used from its thread and gRPC's.
class UnaryCalls {
 public:
  // False once cancelled: the call must not be started.
  bool add(grpc::ClientContext& context) {
    const std::scoped_lock lock(mutex_);
    if (cancelled_) return false;
    contexts_.insert(&context);
    return true;
  }

  // The last thing that a call's callback does with anything of the owner.
  void remove(grpc::ClientContext& context) {
    const std::scoped_lock lock(mutex_);
    contexts_.erase(&context);
    if (contexts_.empty()) none_left_.notify_all();
  }

  void cancel_and_wait() {
    std::unique_lock lock(mutex_);
    cancelled_ = true;
    for (grpc::ClientContext* context : contexts_) context->TryCancel();
    none_left_.wait(lock, [this] { return contexts_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_left_;
  std::unordered_set<grpc::ClientContext*> contexts_;
  bool cancelled_ = false;
};

}  // namespace weir::media::control_link
