// One gRPC server as Weir runs it: callback API, keepalive, limits, health, reflection.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"

namespace weir::wire {

struct ServerSettings {
  // "127.0.0.1:7070", "[::1]:7070"; port 0 takes a free one.
  std::string listen;
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  bool reflection = true;
  // A request beyond it is RESOURCE_EXHAUSTED; the largest honest one is a batch of 10,000 ids.
  std::size_t max_request_bytes = std::size_t{4} << 20;
  std::size_t max_metadata_bytes = std::size_t{16} << 10;
  // What all connections together may hold in gRPC's buffers.
  std::size_t buffer_quota_bytes = std::size_t{256} << 20;
  int max_concurrent_streams = 10'000;
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  // Null: gRPC refuses calls of methods that there are not.
  std::unique_ptr<grpc::CallbackGenericService> unknown_methods;
};

// Owned by main (or a test), which starts and stops it from one thread; `set_serving` is safe from
// any. The services given to `start` must outlive it. Ended by `stop` or its destructor.
class Server {
 public:
  // The error is one line for the operator: the address and what stands in its way.
  static Result<Server, std::string> start(ServerSettings settings,
                                           const std::vector<grpc::Service*>& services);
  Server(Server&&) = default;
  Server& operator=(Server&&) = default;
  ~Server();

  int port() const { return port_; }
  grpc::Server& grpc() { return *server_; }
  // One call over the listening socket: the first pays for lazy set-up, and that is not to be a
  // client. Returns once it was answered.
  void warm_up();
  // What the gRPC health protocol answers, for all services at once; not serving until told.
  void set_serving(bool serving);
  // Takes no new calls, gives running ones `patience`, then cancels what is left.
  void stop(Duration patience);

 private:
  Server(std::unique_ptr<grpc::Server> server, int port,
         std::unique_ptr<grpc::CallbackGenericService> unknown_methods);

  std::unique_ptr<grpc::CallbackGenericService> unknown_methods_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace weir::wire
