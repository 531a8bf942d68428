// One RTMP client: glue between its socket, the protocol and the streams that it publishes or
// plays.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "media_svc/net/close_reason.h"
#include "media_svc/net/egress.h"
#include "media_svc/net/player.h"
#include "media_svc/net/publisher.h"
#include "media_svc/net/rtmp_worker.h"
#include "media_svc/net/transport.h"
#include "media_svc/net/worker.h"
#include "media_svc/rtmp/server_session.h"

namespace weir::media::net {

// Lives on one worker, which holds it from `open` until it is closed: by the peer, by what the peer
// sends or leaves out, by control, or with the process.
class RtmpConnection final : public Connection,
                             public std::enable_shared_from_this<RtmpConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // What the connection occupies as long as it lives.
  struct Holdings {
    Worker::Place place;
    Quota::Unit connection;
    KeyedQuota<boost::asio::ip::address>::Unit address;
  };

  RtmpConnection(Socket socket, std::unique_ptr<Transport> transport,
                 boost::asio::ip::tcp::endpoint peer, Holdings holdings, RtmpWorker& worker);
  RtmpConnection(const RtmpConnection&) = delete;
  RtmpConnection& operator=(const RtmpConnection&) = delete;
  ~RtmpConnection() override;

  void open();
  void on_tick(SteadyTime now) override;
  void shut_down() override;
  void move_away() override;

  // For its publishers and players.
  rtmp::ServerSession& session() { return session_; }
  RtmpWorker& worker() { return worker_; }
  // "203.0.113.7" and "203.0.113.7:40112".
  std::string peer_address() const { return peer_.address().to_string(); }
  std::string peer() const;
  const std::string& client_software() const { return client_software_; }
  const char* protocol() const { return transport_->protocol(); }
  // Counts as what its streams make of it: one of them has started.
  void update_role();
  // Sends what there is to send, as far as the socket takes it.
  void flush();
  // Asks memory for what a write looks at.
  void prefetch() const {
    __builtin_prefetch(&transport_);
    __builtin_prefetch(&egress_);
    __builtin_prefetch(&broken_);
  }
  // Whether the socket took all of the last write.
  bool can_write() const { return !awaiting_writable_ && !broken_ && !closed_; }
  // One write of the gathering beside what the session has to say; how many frames are done.
  std::size_t write(Gathering& gathering);
  // Its paused read is due, with those of all publishers.
  void on_round();
  // If its read is paused, it reads now.
  void end_pause();
  // Asks the client to connect again to that instance; false where it did not announce that it can.
  // Whatever it sends while leaving, its publishes are interrupted, not completed.
  bool request_reconnect(const control_link::Route& target);
  // Its admission is over: the stream is not the connection's any more.
  void retire(AdmissionDriver& driver);
  // Closes, but not while anybody is still at work with the connection.
  void fail(CloseReason reason);
  // Closes once what was said is sent and the peer has had time to read it.
  void close_after_flush(CloseReason reason);
  // The same, if `ended` is its only stream; the others go on. What the client still sends on the
  // ended one is thrown away, and ends the connection once it has gone on for too long
  // (`rtmp::Limits`).
  void close_unless_used(const AdmissionDriver& ended, CloseReason reason);

 private:
  class EventVisitor;

  void wait_readable();
  // How long the socket may be left alone after a read.
  Duration read_pause(std::size_t received) const;
  void set_low_water(int bytes);
  void on_readable();
  void receive(std::span<const std::uint8_t> bytes, SteadyTime now);
  void wait_writable();
  // Its frames are in the worker's gathering; null, and an empty gathering, where there are none.
  Player* next_source(SteadyTime now);
  void on_flushed();
  void close(CloseReason reason);
  void on_fault(const rtmp::Fault& fault);
  void check_phase(SteadyTime now);
  // Of one that publishes and plays: the publisher's.
  ConnectionRole role() const;
  Publisher* publisher(std::uint32_t message_stream);
  Player* player(std::uint32_t message_stream);

  RtmpWorker& worker_;
  Socket socket_;
  std::unique_ptr<Transport> transport_;
  const boost::asio::ip::tcp::endpoint peer_;
  std::string client_software_;
  // As the client called the server; may hold a credential.
  std::string tc_url_;
  Holdings holdings_;

  rtmp::ServerSession session_;
  Egress egress_;
  std::vector<std::shared_ptr<Publisher>> publishers_;
  std::vector<std::shared_ptr<Player>> players_;

  // As counted.
  ConnectionRole role_ = ConnectionRole::kIdle;
  bool handshaken_ = false;
  // Its next read waits in the worker's round.
  bool pausing_ = false;
  // What must have arrived before the socket wakes anybody.
  int low_water_ = 1;
  bool awaiting_writable_ = false;
  // A write failed; the connection is about to be closed.
  std::optional<CloseReason> broken_;
  bool flushing_ = false;
  bool closed_ = false;
  // Set once everything is said: what still comes is thrown away.
  std::optional<CloseReason> lingering_;
  // When the current phase began: the connection, the handshake's end, the last stream's end.
  SteadyTime phase_start_;
  SteadyTime next_budget_{};
};

}  // namespace weir::media::net
