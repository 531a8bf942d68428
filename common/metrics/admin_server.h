// The port for those who run the service: /metrics, /livez, /readyz and commands.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/endpoint.h"
#include "common/metrics/registry.h"

namespace weir::metrics {

// Whether new work may be sent here, and if not, why.
struct Readiness {
  bool ready = false;
  std::string reason;
};

// What the probes of an orchestrator are told, asked anew each time.
struct Probes {
  std::function<Readiness()> readiness;
  // What only a restart of the process cures, if something is so.
  std::function<std::optional<std::string>()> fault = [] { return std::nullopt; };
};

// What a program on the same machine may ask for with POST, by path. Its answer comes when the
// server ends, which is how it learns that all is done.
using Commands = std::map<std::string, std::function<void()>>;

// Serves from its construction to its destruction, on a thread of its own. /livez is of the
// process alone, and 200 unless it has a fault; /readyz is 200 or 503 with the reason.
class AdminServer {
 public:
  // `probes` and commands are called on that thread. Throws std::runtime_error, with the address
  // and the cause, if it cannot listen. The registry outlives the server.
  AdminServer(const Endpoint& listen, const Registry& registry, Probes probes,
              Commands commands = {});
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  // Lets those who gave a command read their answer and leave, for at most a second: in a container
  // they would be killed with its first process.
  ~AdminServer();

  // Where it listens, with the port that the system chose for port 0.
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  class Http;

  Endpoint endpoint_;
  std::unique_ptr<Http> http_;
};

}  // namespace weir::metrics
