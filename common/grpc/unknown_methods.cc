#include "common/grpc/unknown_methods.h"

#include <memory>

namespace weir::wire {
namespace {

class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  Refusal() { Finish({grpc::StatusCode::UNIMPLEMENTED, "there is no such method"}); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(
    grpc::GenericCallbackServerContext* /*context*/) {
  method_.count_started();
  method_.count_handled(grpc::StatusCode::UNIMPLEMENTED);
  // gRPC ends it with OnDone.
  return std::make_unique<Refusal>().release();
}

}  // namespace weir::wire
