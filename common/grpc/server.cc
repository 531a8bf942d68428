#include "common/grpc/server.h"

#include <absl/synchronization/mutex.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/resource_quota.h>

#include <utility>

#include "common/grpc/batch_threads.h"
#include "common/grpc/keepalive.h"

namespace weir::wire {
namespace {

// Linking the reflection library switches it on for every server of the process; this takes it
// from one.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

int millis(Duration duration) { return static_cast<int>(duration.count()); }

void apply_keepalive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             millis(kLeastPingInterval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, millis(kServerPingInterval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, millis(kServerPingTimeout));
}

void apply_limits(const ServerSettings& settings, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(settings.max_request_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE,
                             static_cast<int>(settings.max_metadata_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, settings.max_concurrent_streams);
  builder.SetResourceQuota(grpc::ResourceQuota("weir").Resize(settings.buffer_quota_bytes));
}

}  // namespace

Server::Server(std::unique_ptr<grpc::Server> server, int port,
               std::unique_ptr<grpc::CallbackGenericService> unknown_methods)
    : unknown_methods_(std::move(unknown_methods)), server_(std::move(server)), port_(port) {}

Server::~Server() {
  if (server_) stop(Duration::zero());
}

Result<Server, std::string> Server::start(ServerSettings settings,
                                          const std::vector<grpc::Service*>& services) {
  // Debian's build of Abseil looks for deadlocks, under one lock for all that gRPC's threads lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(settings.listen, settings.credentials, &port);
  // Without this a second process would share the port, and each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  apply_keepalive(builder);
  apply_limits(settings, builder);
  if (!settings.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  builder.experimental().SetInterceptorCreators(std::move(settings.interceptors));
  for (auto* service : services) builder.RegisterService(service);
  if (settings.unknown_methods) {
    builder.RegisterCallbackGenericService(settings.unknown_methods.get());
  }

  const BatchThreads of_grpc;
  auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    return "cannot listen on " + settings.listen +
           ": the address is in use, not ours, or needs more rights";
  }
  Server started(std::move(server), port, std::move(settings.unknown_methods));
  started.set_serving(false);
  return started;
}

void Server::warm_up() {
  const auto stub =
      grpc::health::v1::Health::NewStub(server_->InProcessChannel(grpc::ChannelArguments()));
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  // Whatever it answers, the call was carried out.
  (void)stub->Check(&context, grpc::health::v1::HealthCheckRequest(), &response);
}

void Server::set_serving(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

void Server::stop(Duration patience) {
  set_serving(false);
  server_->Shutdown(std::chrono::system_clock::now() + patience);
  server_->Wait();
  server_.reset();
}

}  // namespace weir::wire
