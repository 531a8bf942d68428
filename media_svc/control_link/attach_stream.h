// One Attach stream to control, from its start to its end.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "weir/v1/instance_service.grpc.pb.h"

namespace weir::media::control_link {

// Made by ControlLink for each attempt; keeps itself alive until gRPC is done with it. Its
// callbacks come on gRPC's threads, one at a time each; `pump` and `cancel` from any.
class AttachStream final : public grpc::ClientBidiReactor<v1::AttachRequest, v1::AttachResponse>,
                           public std::enable_shared_from_this<AttachStream> {
 public:
  struct Owner {
    // The next message to send, if there is one now.
    std::function<std::optional<v1::AttachRequest>()> next;
    // Nothing comes any more: asked after an empty `next`.
    std::function<bool()> concluded;
    std::function<void(const v1::AttachResponse&)> received;
    // The last call.
    std::function<void(const grpc::Status&)> done;
  };

  explicit AttachStream(Owner owner) : owner_(std::move(owner)) {}

  void start(v1::InstanceService::Stub& stub);
  // Sends what is due, unless a message is under way; then it is sent after that one.
  void pump();
  void cancel();

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const Owner owner_;
  v1::AttachResponse response_;

  // Apart from the other: the owner cancels while `next` may be waiting for it.
  std::mutex context_mutex_;
  // Gone before the owner hears of the end: it keeps the channel, whose last reference must not
  // go on one of gRPC's threads.
  std::optional<grpc::ClientContext> context_{std::in_place};

  std::mutex mutex_;
  v1::AttachRequest request_;
  bool writing_ = false;
  bool ended_ = false;
  bool half_closed_ = false;
  std::shared_ptr<AttachStream> self_;
};

}  // namespace weir::media::control_link
