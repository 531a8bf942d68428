// What an instance says on its Attach stream, out of its bytes.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/byte_buffer.h>
#include <weir/v1/instance_service.pb.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "control_svc/domain/session_id.h"

namespace weir::control::rpc {

// One message at a time, over the same memory. Touches are nearly all that is said, a thousand
// sessions a message: their ids are read straight from the bytes, where they are all well-formed
// and nothing else is said. Of the rest protobuf makes a message. Owned by one stream, for what it
// has read last.
class InstanceMessage {
 public:
  using Case = weir::v1::AttachRequest::MessageCase;

  // Ends what was read before. False: the bytes are no AttachRequest.
  bool read(grpc::ByteBuffer& bytes);

  Case message_case() const;
  // Of kTouches, in their order; an id that nobody can have been given is empty.
  std::span<const domain::SessionId> touched() const { return touched_; }
  // The text of one of them.
  std::string touched_id(std::size_t place) const;
  // Of all but kTouches.
  const weir::v1::AttachRequest& proto() const { return *proto_; }

 private:
  bool read_touches(grpc::ByteBuffer& bytes);

  std::vector<domain::SessionId> touched_;
  google::protobuf::Arena arena_;
  // On the arena; null where `touched_` is the message.
  weir::v1::AttachRequest* proto_ = nullptr;
};

}  // namespace weir::control::rpc
