#include "media_svc/net/rtmp_service.h"

#include <utility>

#include "common/log/log.h"
#include "media_svc/net/rtmp_connection.h"
#include "media_svc/net/transport.h"

namespace weir::media::net {

RtmpService::RtmpService(const Limits& limits, WorkerPool& workers,
                         control_link::ControlLink& control, hub::Registry& registry,
                         RtmpMetrics& metrics, SessionDirectory& sessions)
    : context_(limits, control, registry, metrics, sessions) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers_.push_back(
        std::make_unique<RtmpWorker>(workers.at(i), static_cast<hub::WorkerId>(i), context_));
  }
}

RtmpService::~RtmpService() = default;

void RtmpService::serve(Listener::Socket socket, Worker::Place place) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  auto connection_unit = context_.connections.take();
  auto address_unit = context_.addresses.take(peer.address().to_string());
  if (!connection_unit || !address_unit) {
    const char* limit = connection_unit ? "connections_per_address" : "connections";
    context_.metrics.limits_hit.with({limit}).Increment();
    log::warn("connection.refused", {{"limit", limit}}, "too many connections");
    return;
  }
  RtmpWorker& worker = *workers_[place.worker().id()];
  auto transport = make_plain_transport(socket.native_handle());
  auto connection = std::make_shared<RtmpConnection>(
      std::move(socket), std::move(transport), peer,
      RtmpConnection::Holdings{.place = std::move(place),
                               .connection = std::move(*connection_unit),
                               .address = std::move(*address_unit)},
      worker);
  connection->open();
}

}  // namespace weir::media::net
