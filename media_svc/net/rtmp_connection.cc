#include "media_svc/net/rtmp_connection.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include "common/endpoint.h"
#include "common/log/log.h"
#include "media_svc/net/move_target.h"
#include "media_svc/net/relay_player.h"

namespace weir::media::net {

using boost::asio::ip::tcp;

namespace {

// Full reads of one connection before others get their turn.
constexpr int kReadsATurn = 4;
// The longest pause where so much came at once: less than what fills the buffer at 20 Mbit/s, which
// would stop the publisher.
constexpr Duration kFullPause{40};
constexpr std::size_t kFullRead = std::size_t{16} << 10;
// Of a socket that is not looked at until its pause is over: epoll would tell of each message,
// whether somebody waits for it or not, and that costs as much as to read it. Half of what its
// buffer takes at first.
constexpr int kPausedLowWater = 32 << 10;
// rtmp::ServerSession::renew_budget.
constexpr Duration kBudgetInterval{1'000};

rtmp::ServerSession::Options session_options(const Limits& limits) {
  rtmp::ServerSession::Options options;
  options.limits = limits.rtmp;
  return options;
}

// Of a transport that moves no more bytes.
CloseReason reason_of(IoState state) {
  if (state == IoState::kTimedOut) return CloseReason::kUnacknowledged;
  return state == IoState::kEnd ? CloseReason::kPeerClosed : CloseReason::kPeerReset;
}

}  // namespace

RtmpConnection::RtmpConnection(Socket socket, std::unique_ptr<Transport> transport,
                               tcp::endpoint peer, Holdings holdings, RtmpWorker& worker)
    : worker_(worker),
      socket_(std::move(socket)),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      holdings_(std::move(holdings)),
      session_(session_options(worker.context.limits)),
      phase_start_(steady_now()) {
  worker_.role_gauge(role_).Increment();
}

RtmpConnection::~RtmpConnection() { worker_.role_gauge(role_).Decrement(); }

std::string RtmpConnection::peer() const {
  return to_string(Endpoint{.host = peer_address(), .port = peer_.port()});
}

void RtmpConnection::open() {
  worker_.worker.add(shared_from_this());
  wait_readable();
}

void RtmpConnection::update_role() {
  const ConnectionRole before = std::exchange(role_, role());
  if (before == role_) return;
  worker_.role_gauge(before).Decrement();
  worker_.role_gauge(role_).Increment();
}

ConnectionRole RtmpConnection::role() const {
  const auto is_running = [](const auto& held) { return held->is_running(); };
  if (std::ranges::any_of(publishers_, is_running)) return ConnectionRole::kPublisher;
  const auto player = std::ranges::find_if(players_, is_running);
  return player == players_.end() ? ConnectionRole::kIdle : (*player)->role();
}

void RtmpConnection::wait_readable() {
  if (closed_) return;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->on_readable();
                     });
}

void RtmpConnection::on_readable() {
  const SteadyTime now = steady_now();
  std::size_t received = 0;
  for (int i = 0; i < kReadsATurn && !closed_; ++i) {
    const std::span<std::uint8_t> buffer = worker_.worker.read_buffer();
    const IoResult result = transport_->read(buffer);
    if (result.state == IoState::kAgain) break;
    if (result.state != IoState::kDone) return close(reason_of(result.state));
    received += result.bytes;
    worker_.ingress_bytes.add(result.bytes);
    if (!lingering_) receive(buffer.first(result.bytes), now);
    // Readiness is asked for again below, which finds what came meanwhile.
    if (result.bytes < buffer.size()) break;
  }
  if (closed_) return;
  flush();
  worker_.pace(now);
  const Duration pause = read_pause(received);
  // A silent publisher is not looked at again and again.
  const bool pauses = received > 0 && pause > Duration{0};
  set_low_water(pauses ? kPausedLowWater : 1);
  if (pauses) {
    pausing_ = true;
    return worker_.reads.join(shared_from_this(), pause);
  }
  if (!transport_->has_received()) return wait_readable();
  worker_.worker.post([self = shared_from_this()] { self->on_readable(); });
}

void RtmpConnection::on_round() {
  pausing_ = false;
  on_readable();
}

void RtmpConnection::end_pause() {
  if (!std::exchange(pausing_, false)) return;
  worker_.reads.leave(*this);
  on_readable();
}

// Frames that nobody waits for are fetched in fewer, larger reads; on a loaded worker those that
// somebody waits for, too. The socket's buffer holds them meanwhile.
Duration RtmpConnection::read_pause(std::size_t received) const {
  if (role_ != ConnectionRole::kPublisher || lingering_) return Duration{0};
  const bool watched = std::ranges::any_of(
      publishers_, [](const auto& publisher) { return publisher->is_watched(); });
  if (watched) return worker_.merge_interval() / 2;
  const Duration longest = worker_.context.limits.ingress_merge_max;
  return received < kFullRead ? longest : std::min(longest, kFullPause);
}

void RtmpConnection::set_low_water(int bytes) {
  if (bytes == low_water_) return;
  low_water_ = bytes;
  boost::system::error_code ignored;
  std::ignore = socket_.set_option(tcp::socket::receive_low_watermark(bytes), ignored);
}

class RtmpConnection::EventVisitor {
 public:
  EventVisitor(RtmpConnection& connection, SteadyTime now) : connection_(connection), now_(now) {}

  void operator()(const rtmp::HandshakeCompleted& event) const {
    connection_.handshaken_ = true;
    connection_.phase_start_ = now_;
    connection_.worker_.handshakes(event.digest).Increment();
  }
  void operator()(const rtmp::Connected& event) const {
    connection_.client_software_ = event.client_software;
    connection_.tc_url_ = event.tc_url;
  }
  void operator()(const rtmp::PublishRequested& event) const {
    auto publisher = std::make_shared<Publisher>(
        connection_, StreamRequest{.kind = control_link::SessionKind::kPublish,
                                   .message_stream = event.stream_id,
                                   .address = event.address});
    connection_.publishers_.push_back(publisher);
    publisher->begin();
  }
  void operator()(const rtmp::PlayRequested& event) const {
    const StreamRequest request{.kind = control_link::SessionKind::kPlay,
                                .message_stream = event.stream_id,
                                .address = event.address,
                                .duration = event.duration};
    std::shared_ptr<Player> player;
    if (event.address.parameter(RelayPlayer::kParameter).empty()) {
      player = std::make_shared<Player>(connection_, request);
    } else {
      player = std::make_shared<RelayPlayer>(connection_, request);
    }
    connection_.players_.push_back(player);
    player->begin();
  }
  void operator()(const rtmp::MediaReceived& event) const {
    Publisher* publisher = connection_.publisher(event.message.stream_id);
    if (publisher) publisher->on_media(event.message, now_);
  }
  void operator()(const rtmp::PublishEnded& event) const {
    Publisher* publisher = connection_.publisher(event.stream_id);
    if (publisher) publisher->on_ended(event.completed);
  }
  void operator()(const rtmp::PlayEnded& event) const {
    if (Player* player = connection_.player(event.stream_id)) player->on_ended();
  }
  void operator()(const rtmp::PauseChanged& event) const {
    if (Player* player = connection_.player(event.stream_id)) player->on_paused(event.paused);
  }
  void operator()(const rtmp::SeekRequested& event) const {
    if (Player* player = connection_.player(event.stream_id)) player->on_seek();
  }
  void operator()(const rtmp::ReceiveAudioChanged& event) const {
    Player* player = connection_.player(event.stream_id);
    if (player) player->on_receive_audio(event.enabled);
  }
  void operator()(const rtmp::ReceiveVideoChanged& event) const {
    Player* player = connection_.player(event.stream_id);
    if (player) player->on_receive_video(event.enabled);
  }
  void operator()(const rtmp::ProtocolFault& event) const { connection_.on_fault(event.fault); }

 private:
  RtmpConnection& connection_;
  const SteadyTime now_;
};

void RtmpConnection::receive(std::span<const std::uint8_t> bytes, SteadyTime now) {
  session_.feed(bytes);
  const EventVisitor visitor(*this, now);
  while (auto event = session_.next_event()) std::visit(visitor, *event);
  for (const auto& publisher : publishers_) publisher->commit();
}

void RtmpConnection::on_fault(const rtmp::Fault& fault) {
  const RtmpMetrics& metrics = worker_.context.metrics;
  metrics.protocol_errors.with({rtmp::label(fault.error)}).Increment();
  if (rtmp::is_limit(fault.error)) metrics.limits_hit.with({rtmp::label(fault.error)}).Increment();
  if (!handshaken_) metrics.handshakes.with({"failed"}).Increment();
  log::warn("connection.fault",
            {{"peer", peer()}, {"reason", rtmp::label(fault.error)}, {"detail", fault.text}},
            "a client's bytes end its connection");
  flush();
  fail(CloseReason::kProtocolFault);
}

void RtmpConnection::flush() {
  // A write may end a stream, which flushes again.
  if (flushing_ || !can_write()) return;
  flushing_ = true;
  const SteadyTime now = steady_now();
  while (can_write()) {
    Player* const source = next_source(now);
    const std::size_t frames = write(worker_.gathering);
    if (source) source->sent(frames, now);
    if (!source && session_.output().empty()) break;
  }
  flushing_ = false;
}

Player* RtmpConnection::next_source(SteadyTime now) {
  for (const auto& player : players_) {
    if (player->gather(worker_.gathering, now)) return player.get();
  }
  worker_.gathering.clear();
  return nullptr;
}

std::size_t RtmpConnection::write(Gathering& gathering) {
  const Egress::Outcome outcome = egress_.write(*transport_, session_, gathering);
  worker_.egress_bytes.add(outcome.bytes);
  if (outcome.bytes > 0) worker_.egress_writes.add();
  if (outcome.failure) {
    broken_ = reason_of(*outcome.failure);
    fail(*broken_);
  } else if (outcome.blocked) {
    wait_writable();
  }
  return outcome.frames;
}

void RtmpConnection::wait_writable() {
  awaiting_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error) return;
                       self->awaiting_writable_ = false;
                       self->flush();
                       self->on_flushed();
                     });
}

bool RtmpConnection::request_reconnect(const control_link::Route& target) {
  const auto url = reconnect_url(tc_url_, target);
  if (!url || !session_.request_reconnect(*url, "the server is about to stop")) return false;
  flush();
  return true;
}

void RtmpConnection::retire(AdmissionDriver& driver) {
  update_role();
  const auto is_it = [&](const auto& held) { return held.get() == &driver; };
  // Kept alive until the caller is done with it.
  worker_.worker.post([self = shared_from_this(), is_it, driver = driver.shared_from_this()] {
    std::erase_if(self->publishers_, is_it);
    std::erase_if(self->players_, is_it);
    if (!self->publishers_.empty() || !self->players_.empty()) return;
    self->phase_start_ = steady_now();
  });
}

void RtmpConnection::fail(CloseReason reason) {
  worker_.worker.post([self = shared_from_this(), reason] { self->close(reason); });
}

void RtmpConnection::close_after_flush(CloseReason reason) {
  if (lingering_) return;
  lingering_ = reason;
  phase_start_ = steady_now();
  flush();
  on_flushed();
}

void RtmpConnection::close_unless_used(const AdmissionDriver& ended, CloseReason reason) {
  const auto is_another = [&](const auto& held) {
    return held.get() != &ended && held->connected();
  };
  const bool used =
      std::ranges::any_of(publishers_, is_another) || std::ranges::any_of(players_, is_another);
  return used ? flush() : close_after_flush(reason);
}

void RtmpConnection::on_flushed() {
  if (!lingering_ || !can_write()) return;
  transport_->end_writing();
  boost::system::error_code ignored;
  std::ignore = socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void RtmpConnection::close(CloseReason reason) {
  if (std::exchange(closed_, true)) return;
  const auto alive = shared_from_this();
  // Once a write was told why, a read finds no more than the end.
  reason = broken_.value_or(reason);
  if (reason == CloseReason::kUnacknowledged) {
    worker_.context.metrics.limits_hit.with({"unacknowledged"}).Increment();
  }
  const bool client_left = is_client_gone(reason);
  for (const auto& publisher : publishers_) publisher->connection_closed(client_left);
  for (const auto& player : players_) player->connection_closed(client_left);
  publishers_.clear();
  players_.clear();
  if (pausing_) worker_.reads.leave(*this);
  boost::system::error_code ignored;
  std::ignore = socket_.close(ignored);
  worker_.worker.remove(*this);
  const CloseReason told = lingering_.value_or(reason);
  if (is_logged(told)) log_closed(peer(), told);
}

void RtmpConnection::on_tick(SteadyTime now) {
  if (closed_) return;
  if (now >= next_budget_) {
    session_.renew_budget();
    next_budget_ = now + kBudgetInterval;
  }
  for (const auto& publisher : publishers_) publisher->on_tick(now);
  for (const auto& player : players_) player->on_tick(now);
  check_phase(now);
}

void RtmpConnection::check_phase(SteadyTime now) {
  const Limits& limits = worker_.context.limits;
  const auto elapsed = now - phase_start_;
  if (lingering_) {
    if (elapsed < limits.linger) return;
    worker_.context.metrics.limits_hit.with({"linger"}).Increment();
    return close(*lingering_);
  }
  if (!handshaken_) {
    if (elapsed < limits.handshake) return;
    worker_.context.metrics.handshakes.with({"timeout"}).Increment();
    worker_.context.metrics.limits_hit.with({"handshake"}).Increment();
    return close(CloseReason::kHandshakeTimeout);
  }
  if (!publishers_.empty() || !players_.empty() || elapsed < limits.connect_to_stream) return;
  worker_.context.metrics.limits_hit.with({"connect_to_stream"}).Increment();
  close(CloseReason::kNoStream);
}

void RtmpConnection::shut_down() {
  for (const auto& publisher : publishers_) publisher->on_shutdown();
  close(CloseReason::kShutdown);
}

void RtmpConnection::move_away() {
  for (const auto& publisher : publishers_) publisher->leave();
}

Publisher* RtmpConnection::publisher(std::uint32_t message_stream) {
  const auto found = std::ranges::find_if(publishers_, [&](const auto& held) {
    return held->message_stream() == message_stream && held->connected();
  });
  return found == publishers_.end() ? nullptr : found->get();
}

Player* RtmpConnection::player(std::uint32_t message_stream) {
  const auto found = std::ranges::find_if(players_, [&](const auto& held) {
    return held->message_stream() == message_stream && held->connected();
  });
  return found == players_.end() ? nullptr : found->get();
}

}  // namespace weir::media::net
