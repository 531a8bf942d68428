// What all RTMP connections of the process share.
#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>

#include "common/clock.h"
#include "media_svc/hub/registry.h"
#include "media_svc/net/limits.h"
#include "media_svc/net/offline_desk.h"
#include "media_svc/net/quota.h"
#include "media_svc/net/relay_desk.h"
#include "media_svc/net/rtmp_metrics.h"
#include "media_svc/net/session_directory.h"

namespace weir::media::control_link {
class ControlLink;
}  // namespace weir::media::control_link

namespace weir::media::net {

// Owned by RtmpService; outlives every connection. Its parts are safe from any thread.
struct RtmpContext {
  RtmpContext(const Limits& limits_in_force, control_link::ControlLink& control_in_use,
              hub::Registry& streams, RtmpMetrics& counts, SessionDirectory& directory,
              OfflineDesk& offline_desk)
      : limits(limits_in_force),
        control(control_in_use),
        registry(streams),
        metrics(counts),
        sessions(directory),
        offline(offline_desk),
        connections(limits.connections),
        addresses(limits.connections_per_address),
        publishers(limits.publishers),
        players(limits.players),
        relays(limits.relays) {}

  const Limits limits;
  control_link::ControlLink& control;
  hub::Registry& registry;
  RtmpMetrics& metrics;
  SessionDirectory& sessions;
  OfflineDesk& offline;

  RelayDesk relay_desk;
  Quota connections;
  KeyedQuota<boost::asio::ip::address> addresses;
  Quota publishers;
  Quota players;
  Quota relays;
  // Other instances' relays, which only their connections limit.
  Quota relay_players{0};
  // Off while the process drains: new publishers and players are refused.
  std::atomic<bool> accepting = true;
};

}  // namespace weir::media::net
