#include "tests/load/idle_connection.h"

#include <variant>

namespace weir::load {

namespace rtmp = media::rtmp;

IdleConnection::IdleConnection(Stage& stage)
    : connection_(stage.loop, stage.address, stage.new_session(rtmp::ClientSession::Role::kPlay, 0),
                  {.on_event = [this](const rtmp::ClientEvent& event) { on_event(event); }},
                  stage.meter) {}

void IdleConnection::on_event(const rtmp::ClientEvent& event) {
  const bool connected = std::holds_alternative<rtmp::ClientConnected>(event) ||
                         std::holds_alternative<rtmp::ClientStarted>(event);
  if (!connected) return;
  connected_ = true;
  connection_.hold();
}

}  // namespace weir::load
