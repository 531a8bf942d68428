// One Attach stream to control, from its start to its end.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

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
    std::function<void(const v1::AttachResponse&)> received;
    // The last call.
    std::function<void(const grpc::Status&)> done;
  };

  explicit AttachStream(Owner owner) : owner_(std::move(owner)) {}

  void start(v1::InstanceService::Stub& stub);
  // Sends what is due, unless a message is under way; then it is sent after that one.
  void pump();
  void cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const Owner owner_;
  grpc::ClientContext context_;
  v1::AttachResponse response_;

  std::mutex mutex_;
  v1::AttachRequest request_;
  bool writing_ = false;
  bool ended_ = false;
  std::shared_ptr<AttachStream> self_;
};

}  // namespace weir::media::control_link
