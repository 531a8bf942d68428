// weir.v1.EventService: any number of watchers over one history of events.
#pragma once

#include <weir/v1/event_service.grpc.pb.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "control_svc/rpc/event_watch.h"
#include "control_svc/store/event_history.h"

namespace weir::control::rpc {

// Owned by main, called by gRPC on its threads. A thread of its own wakes the watchers that wait
// for news, so that whoever commits an event does none of their work.
class EventService final : public weir::v1::EventService::CallbackService {
 public:
  EventService(store::EventHistory& history, const Clock& clock);
  ~EventService() override;

  grpc::ServerWriteReactor<weir::v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const weir::v1::WatchEventsRequest* request) override;

  // Ends all watches, so that the server can stop.
  void close_all();

 private:
  void wake_watchers();
  std::vector<std::shared_ptr<EventWatch>> watchers();

  store::EventHistory& history_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable news_;
  bool fresh_ = false;
  bool stopping_ = false;
  std::vector<std::weak_ptr<EventWatch>> watches_;
  store::EventHistory::Subscription subscription_;
  std::thread thread_;
};

}  // namespace weir::control::rpc
