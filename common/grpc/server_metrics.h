// The grpc_server_* metrics: what was started, how it ended, how long it took.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>

#include "common/metrics/registry.h"

namespace weir::wire {

// Owned by main; outlives the servers that its interceptor was given to. Counts on gRPC's threads.
class ServerMetrics {
 public:
  explicit ServerMetrics(metrics::Registry& registry);
  ~ServerMetrics();

  // For ServerSettings::interceptors; sees every call of every service, health and reflection too.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> interceptor();

 private:
  class Method;
  class Interceptor;
  class Factory;

  // Null when there is no such method, so that a caller cannot make series.
  Method* find_method(std::string_view full_name);

  metrics::Counters<2> started_;
  metrics::Counters<3> handled_;
  metrics::Histograms<2> handling_seconds_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string_view, std::unique_ptr<Method>> methods_;
};

}  // namespace weir::wire
