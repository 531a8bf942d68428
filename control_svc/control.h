// Everything that a running weir-control consists of, wired together.
#pragma once

#include <atomic>
#include <optional>

#include "common/clock.h"
#include "common/endpoint.h"
#include "common/grpc/server.h"
#include "common/grpc/server_metrics.h"
#include "common/metrics/admin_server.h"
#include "common/metrics/registry.h"
#include "control_svc/control_config.h"
#include "control_svc/control_metrics.h"
#include "control_svc/expiry_ticker.h"
#include "control_svc/fleet_ticker.h"
#include "control_svc/move_ticker.h"
#include "control_svc/open_store.h"
#include "control_svc/rpc/event_service.h"
#include "control_svc/rpc/instance_lines.h"
#include "control_svc/rpc/instance_service.h"
#include "control_svc/rpc/large_answers.h"
#include "control_svc/rpc/session_service.h"
#include "control_svc/rpc/stream_service.h"
#include "control_svc/store/event_history.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/store/session_operations.h"
#include "control_svc/store/stream_mover.h"

namespace weir::control {

// Serves from its construction to `stop`, which its owner calls once. Members end in the reverse of
// their order: callers first, then the store's replies, then the operations, and the store.
class Control {
 public:
  // Throws std::runtime_error with one line for the operator: a port is taken, the store's file
  // cannot be used.
  explicit Control(const ControlConfig& config);

  Endpoint grpc_endpoint() const;
  Endpoint metrics_endpoint() const { return admin_.endpoint(); }
  // No new calls; instances and watchers are sent away; running calls get `patience`.
  void stop(Duration patience);

 private:
  wire::ServerSettings server_settings();
  rpc::AttachContext attach_context();

  const ControlConfig config_;
  const SystemClock clock_;
  const domain::Settings settings_;
  metrics::Registry registry_;
  ControlMetrics metrics_;
  wire::ServerMetrics server_metrics_;
  std::atomic<bool> ready_ = false;
  store::EventHistory history_;
  OpenStore store_;
  rpc::InstanceLines lines_;
  store::SessionOperations sessions_;
  store::FleetOperations fleet_;
  store::StreamMover mover_;
  LastReplies last_replies_{store_};
  metrics::AdminServer admin_;
  ExpiryTicker expiry_;
  FleetTicker fleet_ticker_;
  MoveTicker move_ticker_;
  rpc::LargeAnswers answers_;
  relay_token::Secret relay_secret_;
  rpc::SessionService session_service_;
  rpc::InstanceService instance_service_;
  rpc::StreamService stream_service_;
  rpc::EventService event_service_;
  std::optional<wire::Server> server_;
};

}  // namespace weir::control
