// Unary calls under way, so that their owner can cancel them and outlive the last one.
#pragma once

#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace weir::media::control_link {

// Owned by ControlLink; used from its thread and gRPC's. It owns the contexts too: each keeps the
// channel, and the last reference to a channel must not go on one of gRPC's threads, which would
// wait there for its own end.
class UnaryCalls {
 public:
  // Null once cancelled: the call must not be started.
  grpc::ClientContext* add(std::chrono::system_clock::time_point deadline) {
    const std::scoped_lock lock(mutex_);
    if (cancelled_) return nullptr;
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(deadline);
    grpc::ClientContext* added = context.get();
    contexts_.emplace(added, std::move(context));
    return added;
  }

  // The last thing that a call's callback does with anything of the owner.
  void remove(grpc::ClientContext* context) {
    const std::scoped_lock lock(mutex_);
    contexts_.erase(context);
    if (contexts_.empty()) none_left_.notify_all();
  }

  void cancel_and_wait() {
    std::unique_lock lock(mutex_);
    cancelled_ = true;
    for (const auto& [context, owned] : contexts_) context->TryCancel();
    none_left_.wait(lock, [this] { return contexts_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_left_;
  std::unordered_map<grpc::ClientContext*, std::unique_ptr<grpc::ClientContext>> contexts_;
  bool cancelled_ = false;
};

}  // namespace weir::media::control_link
