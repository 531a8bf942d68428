// One stream of another instance, played from there once for all players here.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "media_svc/control_link/stream_place.h"
#include "media_svc/hub/publication.h"
#include "media_svc/net/quota.h"
#include "media_svc/net/relay_upstream.h"
#include "media_svc/net/rtmp_worker.h"
#include "media_svc/net/worker.h"
#include "media_svc/relay/relay_machine.h"
#include "media_svc/relay/replay_filter.h"

namespace weir::media::net {

// Carries out what the relay machine says, and publishes what comes into the hub. Idle while the
// stream is published here. Begun and ended by the RelayDesk, and held by its worker meanwhile; on
// that worker.
class Relay final : public Connection, public std::enable_shared_from_this<Relay> {
 public:
  Relay(RtmpWorker& worker, std::string stream_id);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void begin();
  // A publication has begun or ended in this process, maybe its own.
  void look();
  // Nobody waits for the stream any more.
  void end();
  void on_tick(SteadyTime now) override;
  void shut_down() override { end(); }

  // Any thread.
  const std::string& stream_id() const { return stream_id_; }
  Worker& worker() const { return worker_.worker; }
  bool in_vain() const { return in_vain_; }

 private:
  void step(relay::Event event);
  void perform(relay::Action action);
  void find();
  void on_answer(std::optional<control_link::StreamPlace> place);
  void connect();
  void close();
  void release(hub::EndReason reason);
  UpstreamEvents upstream_events();
  void on_started();
  bool publish();
  void on_replaced();
  void on_media(const rtmp::Message& message);
  void on_lost(const std::string& reason);
  void count(const char* event) const;

  RtmpWorker& worker_;
  const std::string stream_id_;
  relay::RelayMachine machine_;
  std::atomic<bool> in_vain_ = false;
  // Tells the newest question's answer from older ones.
  std::uint64_t question_ = 0;
  control_link::StreamPlace place_;
  Quota::Unit unit_;
  std::shared_ptr<RelayUpstream> upstream_;
  bool playing_ = false;
  // Outlives the upstream that filled it, for the next one.
  std::optional<hub::Publication> publication_;
  relay::ReplayFilter replay_;
  bool ended_ = false;
};

}  // namespace weir::media::net
