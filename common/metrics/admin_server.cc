#include "common/metrics/admin_server.h"

#include <CivetServer.h>
#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::metrics {
namespace {

// Enough that a slow reader of /metrics does not make a probe wait.
constexpr const char* kThreads = "4";
constexpr const char* kRequestTimeoutMs = "5000";

struct Reply {
  int status;
  std::string_view content_type;
  std::string body;
};

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";
// The Prometheus text exposition format.
constexpr std::string_view kMetricsText = "text/plain; version=0.0.4; charset=utf-8";

// Answers GET (and so HEAD) with what `make` returns.
class Page : public CivetHandler {
 public:
  explicit Page(std::function<Reply()> make) : make_(std::move(make)) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    const Reply reply = make_();
    const std::string head = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n",
        reply.status, mg_get_response_code_text(connection, reply.status), reply.content_type,
        reply.body.size());
    mg_write(connection, head.data(), head.size());
    mg_write(connection, reply.body.data(), reply.body.size());
    return true;
  }

 private:
  std::function<Reply()> make_;
};

Reply readiness_reply(const Readiness& readiness) {
  if (readiness.ready) return {200, kPlainText, "ready\n"};
  return {503, kPlainText, "not ready: " + readiness.reason + "\n"};
}

// civetweb tells only its log why it cannot start, on the thread that starts it; the first message
// is the cause.
thread_local std::string start_failure;

int keep_start_failure(const mg_connection*, const char* message) {
  if (start_failure.empty()) start_failure = message;
  return 1;
}

CivetCallbacks quiet_callbacks() {
  CivetCallbacks callbacks;
  callbacks.log_message = keep_start_failure;
  return callbacks;
}

}  // namespace

class AdminServer::Http {
 public:
  Http(const Endpoint& listen, const Registry& registry, std::function<Readiness()> readiness)
      : livez_([] { return Reply{200, kPlainText, "alive\n"}; }),
        readyz_([readiness = std::move(readiness)] { return readiness_reply(readiness()); }),
        metrics_([&registry] { return Reply{200, kMetricsText, registry.text()}; }),
        callbacks_(quiet_callbacks()),
        server_({"listening_ports", to_string(listen), "num_threads", kThreads,
                 "request_timeout_ms", kRequestTimeoutMs},
                &callbacks_) {
    // The sign ends the path: "/livezx" is not served.
    server_.addHandler("/livez$", livez_);
    server_.addHandler("/readyz$", readyz_);
    server_.addHandler("/metrics$", metrics_);
  }

  std::uint16_t port() { return static_cast<std::uint16_t>(server_.getListeningPorts().at(0)); }

 private:
  // Before the server, whose threads use them until its destruction.
  Page livez_;
  Page readyz_;
  Page metrics_;
  const CivetCallbacks callbacks_;
  CivetServer server_;
};

AdminServer::AdminServer(const Endpoint& listen, const Registry& registry,
                         std::function<Readiness()> readiness)
    : endpoint_(listen) {
  start_failure.clear();
  try {
    http_ = std::make_unique<Http>(listen, registry, std::move(readiness));
  } catch (const CivetException&) {
    throw std::runtime_error(
        fmt::format("cannot listen on {}: {}", to_string(listen), start_failure));
  }
  endpoint_.port = http_->port();
}

AdminServer::~AdminServer() = default;

}  // namespace weir::metrics
