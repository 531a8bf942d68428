// One WatchEvents call: reads the history at its own pace and keeps no more than one piece of it.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <weir/v1/event_service.pb.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "control_svc/store/event_history.h"

namespace weir::control::rpc {

// Called by gRPC and by the service's thread. Keeps itself alive until gRPC is done with it.
class EventWatch final : public grpc::ServerWriteReactor<weir::v1::WatchEventsResponse>,
                         public std::enable_shared_from_this<EventWatch> {
 public:
  // Events that are looked at in one go, and held for a slow watcher.
  static constexpr std::size_t kPiece = 64;

  EventWatch(weir::v1::WatchEventsRequest filters, const store::EventHistory& history,
             const Clock& clock);

  // Answers with initial metadata, from which moment on nothing is missed; or with `refusal`.
  void start(grpc::Status refusal);
  // There may be something new. Any thread.
  void wake();
  void close(grpc::Status status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Entry = store::EventHistory::Entry;

  void pump(std::unique_lock<std::mutex>& lock);
  // The next event that the filters let through; nothing: none is there yet.
  std::optional<Entry> next();
  void finish(std::unique_lock<std::mutex>& lock, grpc::Status status);

  const weir::v1::WatchEventsRequest filters_;
  const store::EventHistory& history_;
  const Clock& clock_;
  // gRPC's reference, given back in OnDone.
  std::shared_ptr<EventWatch> self_;

  mutable std::mutex mutex_;
  store::EventHistory::Sequence position_ = 0;
  // Read and not looked at yet, from `read_` on.
  std::vector<Entry> piece_;
  std::size_t read_ = 0;
  weir::v1::WatchEventsResponse outgoing_;
  bool writing_ = false;
  bool finished_ = false;
  // No longer kept: the watcher was too slow.
  bool overtaken_ = false;
};

}  // namespace weir::control::rpc
