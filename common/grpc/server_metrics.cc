#include "common/grpc/server_metrics.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>

namespace weir::wire {
namespace {

using SteadyClock = std::chrono::steady_clock;
using grpc::experimental::InterceptionHookPoints;

// Of no package, so that no declared method is called like this.
constexpr std::string_view kUnknownMethod = "/unknown/unknown";

// "/weir.v1.SessionService/AdmitSession" in its two parts.
std::pair<std::string_view, std::string_view> split(std::string_view full_name) {
  if (full_name.starts_with('/')) full_name.remove_prefix(1);
  const std::size_t slash = full_name.find('/');
  if (slash == std::string_view::npos) return {full_name, ""};
  return {full_name.substr(0, slash), full_name.substr(slash + 1)};
}

// Callers can ask for any name; only those that a linked proto declares are methods.
bool is_declared(std::string_view full_name) {
  const auto [service, method] = split(full_name);
  const std::string dotted = std::string(service) + "." + std::string(method);
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(dotted) != nullptr;
}

}  // namespace

ServerMetrics::Method::Method(ServerMetrics& owner, std::string_view full_name)
    : name_(full_name),
      owner_(owner),
      started_(owner.started_.with({split(name_).first, split(name_).second})),
      handling_seconds_(owner.handling_seconds_.with({split(name_).first, split(name_).second})) {}

void ServerMetrics::Method::count_handled(grpc::StatusCode code) {
  const std::size_t index = code_index(code);
  prometheus::Counter* counter = handled_[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may both get here; the family gives both the same counter.
    const auto [service, method] = split(name_);
    counter = &owner_.handled_.with({service, method, kCodeNames[index]});
    handled_[index].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void ServerMetrics::Method::observe(SteadyClock::duration duration) {
  handling_seconds_.Observe(std::chrono::duration<double>(duration).count());
}

// Lives as long as one call.
class ServerMetrics::Interceptor final : public grpc::experimental::Interceptor {
 public:
  Interceptor(Method& method, bool unary)
      : method_(method), unary_(unary), started_at_(SteadyClock::now()) {
    method_.count_started();
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      method_.count_handled(batch->GetSendStatus().error_code());
      // The length of a stream says nothing about how quick the server is.
      if (unary_) method_.observe(SteadyClock::now() - started_at_);
    }
    batch->Proceed();
  }

 private:
  Method& method_;
  const bool unary_;
  const SteadyClock::time_point started_at_;
};

class ServerMetrics::Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(ServerMetrics& metrics) : metrics_(metrics) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* rpc) override {
    if (rpc->method() == nullptr || metrics_.is_counted_by_handler(*rpc)) return nullptr;
    Method* method = metrics_.find_method(rpc->method());
    if (method == nullptr) return nullptr;
    const bool unary = rpc->type() == grpc::experimental::ServerRpcInfo::Type::UNARY;
    // gRPC takes ownership.
    return std::make_unique<Interceptor>(*method, unary).release();
  }

 private:
  ServerMetrics& metrics_;
};

ServerMetrics::ServerMetrics(metrics::Registry& registry)
    : started_(registry.counters("grpc_server_started_total",
                                 "Calls that reached the server; of Weir's own unary methods, "
                                 "those whose request could be read; those of methods that "
                                 "there are not as unknown.",
                                 {"grpc_service", "grpc_method"})),
      handled_(registry.counters("grpc_server_handled_total",
                                 "Calls that were answered, by their status.",
                                 {"grpc_service", "grpc_method", "grpc_code"})),
      handling_seconds_(registry.histograms(
          "grpc_server_handling_seconds", "From a unary call's arrival to its answer.",
          {"grpc_service", "grpc_method"}, metrics::kLatencyBuckets)) {}

ServerMetrics::~ServerMetrics() = default;

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
ServerMetrics::interceptor() {
  return std::make_unique<Factory>(*this);
}

ServerMetrics::Methods ServerMetrics::of_service(const std::string& full_name) {
  Methods methods;
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name);
  const std::string prefix = "/" + full_name + "/";
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* method = service->method(i);
    if (method->client_streaming() || method->server_streaming()) continue;
    methods.emplace(method->name(), find_method(prefix + method->name()));
  }
  counting_services_.push_back(prefix);
  return methods;
}

ServerMetrics::Method& ServerMetrics::unknown_method() { return series_of(kUnknownMethod); }

bool ServerMetrics::is_counted_by_handler(const grpc::experimental::ServerRpcInfo& rpc) const {
  if (rpc.type() != grpc::experimental::ServerRpcInfo::Type::UNARY) return false;
  const std::string_view method = rpc.method();
  return std::ranges::any_of(counting_services_,
                             [method](const auto& prefix) { return method.starts_with(prefix); });
}

ServerMetrics::Method* ServerMetrics::find_method(std::string_view full_name) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = methods_.find(full_name);
    if (found != methods_.end()) return found->second.get();
  }
  return is_declared(full_name) ? &series_of(full_name) : nullptr;
}

ServerMetrics::Method& ServerMetrics::series_of(std::string_view full_name) {
  const std::unique_lock lock(mutex_);
  const auto found = methods_.find(full_name);
  if (found != methods_.end()) return *found->second;
  auto made = std::make_unique<Method>(*this, full_name);
  const std::string_view name = made->name();
  return *methods_.emplace(name, std::move(made)).first->second;
}

}  // namespace weir::wire
