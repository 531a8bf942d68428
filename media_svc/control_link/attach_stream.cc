#include "media_svc/control_link/attach_stream.h"

#include <utility>

namespace weir::media::control_link {

void AttachStream::start(v1::InstanceService::Stub& stub) {
  self_ = shared_from_this();
  stub.async()->Attach(&*context_, this);
  // Writes start outside of reactions: gRPC must not be done before we are.
  AddHold();
  StartRead(&response_);
  StartCall();
  pump();
}

void AttachStream::pump() {
  const std::scoped_lock lock(mutex_);
  if (writing_ || ended_ || half_closed_) return;
  auto request = owner_.next();
  if (!request) {
    if (owner_.concluded() && !std::exchange(half_closed_, true)) StartWritesDone();
    return;
  }
  request_ = std::move(*request);
  writing_ = true;
  StartWrite(&request_);
}

void AttachStream::cancel() {
  const std::scoped_lock lock(context_mutex_);
  if (context_) context_->TryCancel();
}

void AttachStream::OnWriteDone(bool ok) {
  {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
  }
  if (ok) pump();
}

void AttachStream::OnReadDone(bool ok) {
  if (ok) {
    owner_.received(response_);
    StartRead(&response_);
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  RemoveHold();
}

void AttachStream::OnDone(const grpc::Status& status) {
  const auto self = std::exchange(self_, nullptr);
  {
    const std::scoped_lock lock(context_mutex_);
    context_.reset();
  }
  owner_.done(status);
}

}  // namespace weir::media::control_link
