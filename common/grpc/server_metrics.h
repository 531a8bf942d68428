// The grpc_server_* metrics: what was started, how it ended, how long it took.
#pragma once

#include <grpcpp/support/server_interceptor.h>
#include <grpcpp/support/status.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/grpc/code_name.h"
#include "common/metrics/registry.h"

namespace weir::wire {

// Owned by main; outlives the servers that its interceptor was given to. Counts on gRPC's threads.
class ServerMetrics {
 public:
  class Method;
  // The unary methods of one service, by name.
  using Methods = std::unordered_map<std::string_view, Method*>;

  explicit ServerMetrics(metrics::Registry& registry);
  ~ServerMetrics();

  // For ServerSettings::interceptors; sees every call of every service, health and reflection too,
  // except for what its handlers count.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> interceptor();
  // For a service ("weir.v1.SessionService") whose handlers count its unary calls themselves, which
  // costs a tenth of an interceptor. Before a server starts.
  Methods of_service(const std::string& full_name);
  // For all calls of methods that there are not.
  Method& unknown_method();

 private:
  class Interceptor;
  class Factory;

  // Null when there is no such method, so that a caller cannot make series.
  Method* find_method(std::string_view full_name);
  Method& series_of(std::string_view full_name);
  bool is_counted_by_handler(const grpc::experimental::ServerRpcInfo& rpc) const;

  metrics::Counters<2> started_;
  metrics::Counters<3> handled_;
  metrics::Histograms<2> handling_seconds_;
  // "/weir.v1.SessionService/"; as they are when a server starts.
  std::vector<std::string> counting_services_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string_view, std::unique_ptr<Method>> methods_;
};

// The series of one method, looked up once.
class ServerMetrics::Method {
 public:
  Method(ServerMetrics& owner, std::string_view full_name);

  std::string_view name() const { return name_; }
  void count_started() { started_.Increment(); }
  void count_handled(grpc::StatusCode code);
  void observe(std::chrono::steady_clock::duration duration);

 private:
  const std::string name_;
  ServerMetrics& owner_;
  prometheus::Counter& started_;
  prometheus::Histogram& handling_seconds_;
  std::array<std::atomic<prometheus::Counter*>, kCodeNames.size()> handled_{};
};

}  // namespace weir::wire
