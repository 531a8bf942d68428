#include "control_svc/rpc/event_service.h"

#include <utility>

#include "common/grpc/status.h"
#include "control_svc/rpc/status_map.h"
#include "control_svc/rpc/validation.h"

namespace weir::control::rpc {

EventService::EventService(store::EventHistory& history, const Clock& clock)
    : history_(history), clock_(clock) {
  subscription_ = history_.subscribe([this] {
    {
      const std::scoped_lock lock(mutex_);
      if (fresh_ || watches_.empty()) return;
      fresh_ = true;
    }
    news_.notify_one();
  });
  thread_ = std::thread([this] { wake_watchers(); });
}

EventService::~EventService() {
  subscription_.reset();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  news_.notify_one();
  thread_.join();
}

grpc::ServerWriteReactor<weir::v1::WatchEventsResponse>* EventService::WatchEvents(
    grpc::CallbackServerContext*, const weir::v1::WatchEventsRequest* request) {
  auto watch = std::make_shared<EventWatch>(*request, history_, clock_);
  const auto refusal = validate(*request).refusal();
  watch->start(refusal ? to_status(*refusal, clock_.now()) : grpc::Status::OK);
  {
    const std::scoped_lock lock(mutex_);
    // Also where nothing happens that would find those that have ended.
    std::erase_if(watches_, [](const auto& each) { return each.expired(); });
    watches_.push_back(watch);
  }
  // Of what happened since it started nobody could tell it.
  watch->wake();
  return watch.get();
}

void EventService::close_all() {
  for (const auto& watch : watchers()) {
    watch->close(wire::StatusBuilder(grpc::StatusCode::UNAVAILABLE, "STOPPING",
                                     "control stops; watch again with the last resume token")
                     .build());
  }
}

std::vector<std::shared_ptr<EventWatch>> EventService::watchers() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<EventWatch>> all;
  std::erase_if(watches_, [&all](const std::weak_ptr<EventWatch>& each) {
    if (auto watch = each.lock()) {
      all.push_back(std::move(watch));
      return false;
    }
    return true;
  });
  return all;
}

void EventService::wake_watchers() {
  std::unique_lock lock(mutex_);
  while (true) {
    news_.wait(lock, [this] { return fresh_ || stopping_; });
    if (stopping_) return;
    fresh_ = false;
    lock.unlock();
    for (const auto& watch : watchers()) watch->wake();
    lock.lock();
  }
}

}  // namespace weir::control::rpc
