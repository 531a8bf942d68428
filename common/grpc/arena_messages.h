// Request and response of a unary call in one piece of memory.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <cstddef>

namespace weir::wire {

// For a method whose messages have many parts, each of which would be an allocation. Given to the
// service (SetMessageAllocatorFor_…), which it outlives; called by gRPC on its threads.
template <class Request, class Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Messages; }

 private:
  // Most pairs fit; what does not goes on in blocks of its own.
  static constexpr std::size_t kFirstBlock = 2'048;

  class Messages final : public grpc::MessageHolder<Request, Response> {
   public:
    Messages() : arena_(block_, sizeof block_) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    // gRPC has done with them.
    void Release() override { delete this; }

   private:
    alignas(std::max_align_t) char block_[kFirstBlock];
    google::protobuf::Arena arena_;
  };
};

}  // namespace weir::wire
