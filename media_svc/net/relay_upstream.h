// The connection over which a stream comes from the instance that holds it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/clock.h"
#include "common/endpoint.h"
#include "media_svc/net/rtmp_worker.h"
#include "media_svc/rtmp/client_session.h"

namespace weir::media::net {

// What its relay hears of it, on its worker.
struct UpstreamEvents {
  std::function<void()> started;
  std::function<void(const rtmp::Message&)> media;
  // After all messages of one read.
  std::function<void()> read;
  // The publisher has gone there; `lost` follows.
  std::function<void()> unpublished;
  // The last call; the reason is for the log.
  std::function<void(const std::string& reason)> lost;
};

// One attempt to play one stream. Kept alive by its relay and by what it waits for; silent once
// closed.
class RelayUpstream final : public std::enable_shared_from_this<RelayUpstream> {
 public:
  RelayUpstream(RtmpWorker& worker, UpstreamEvents events);

  // Once.
  void open(const Endpoint& holder, const std::string& stream_id, const std::string& token);
  // Not heard of again. Idempotent.
  void close();
  // More often than a client's: a whole group of pictures comes at once.
  void on_tick() { session_->renew_budget(); }

 private:
  void start();
  void wait_readable();
  void on_readable();
  void receive(std::span<const std::uint8_t> bytes);
  void handle(const rtmp::ClientEvent& event);
  void flush();
  void lose(const std::string& reason);

  RtmpWorker& worker_;
  UpstreamEvents events_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<rtmp::ClientSession> session_;
  bool awaiting_writable_ = false;
  bool closed_ = false;
};

}  // namespace weir::media::net
