#include "tests/load/client_connection.h"

#include <sys/epoll.h>

#include <array>
#include <cstring>
#include <utility>

#include "media_svc/rtmp/rendering.h"

namespace weir::load {
namespace {

namespace rtmp = media::rtmp;

// A server may wait for acknowledgements; half of the usual window of 5,000,000 suits all.
constexpr std::uint64_t kAcknowledgeEvery = 2'500'000;

// RTMP 1.0, 5.3.1 and 5.4.3: a full chunk header on chunk stream 2, and the sequence number.
std::array<std::uint8_t, 16> acknowledgement(std::uint64_t received) {
  return {0x02,
          0,
          0,
          0,
          0,
          0,
          4,
          static_cast<std::uint8_t>(rtmp::MessageType::kAcknowledgement),
          0,
          0,
          0,
          0,
          static_cast<std::uint8_t>(received >> 24),
          static_cast<std::uint8_t>(received >> 16),
          static_cast<std::uint8_t>(received >> 8),
          static_cast<std::uint8_t>(received)};
}

}  // namespace

ClientConnection::ClientConnection(EventLoop& loop, const SocketAddress& address,
                                   std::optional<rtmp::ClientSession::Options> session,
                                   Handlers handlers, Meter& meter)
    : loop_(loop), handlers_(std::move(handlers)), meter_(meter), socket_(start_connect(address)) {
  if (session) session_.emplace(std::move(*session));
  loop_.add(socket_.get(), EPOLLIN | EPOLLOUT, *this);
}

ClientConnection::~ClientConnection() { close(); }

void ClientConnection::send_media(const rtmp::Message& message) {
  if (!socket_ || held_ || stopping_) return;
  if (session_) {
    session_->send_media(message);
  } else {
    const SharedBytes chunks = rtmp::render(message);
    raw_output_.insert(raw_output_.end(), chunks.span().begin(), chunks.span().end());
  }
  flush();
}

std::size_t ClientConnection::unsent_bytes() const { return output().size(); }

void ClientConnection::drain() { reading_ = Reading::kDrain; }

void ClientConnection::stop() {
  if (!socket_) return;
  if (session_) session_->stop();
  stopping_ = true;
  drain();
  flush();
}

void ClientConnection::close() {
  if (!socket_) return;
  loop_.remove(socket_.get());
  socket_.reset();
}

void ClientConnection::on_ready(std::uint32_t events) {
  if (!socket_) return;
  if (!connected_ && !finish_connect()) return;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read();
  if (socket_ && (events & EPOLLOUT)) flush();
}

bool ClientConnection::finish_connect() {
  if (const int error = connect_error(socket_.get()); error != 0) {
    lose(std::string("connect: ") + strerrordesc_np(error));
    return false;
  }
  connected_ = true;
  if (!session_) handlers_.on_event(rtmp::ClientStarted{});
  return is_open();
}

void ClientConnection::read() {
  static thread_local std::array<std::uint8_t, 64 * 1024> buffer;
  const bool draining = reading_ == Reading::kDrain;
  const Transfer got = draining ? discard(socket_.get()) : receive(socket_.get(), buffer);
  if (got.progress == Progress::kEnded) return lose("closed by the server");
  meter_.window.bytes_received += got.bytes;
  if (draining) return count_drained(got.bytes);
  feed(std::span(buffer).first(got.bytes));
}

void ClientConnection::feed(std::span<const std::uint8_t> bytes) {
  if (!session_) return;
  session_->feed(bytes);
  while (auto event = session_->next_event()) {
    if (const auto* refused = std::get_if<rtmp::ClientRefused>(&*event)) {
      return refuse(refused->code);
    }
    if (const auto* fault = std::get_if<rtmp::ClientFault>(&*event)) {
      return lose("protocol: " + fault->fault.text);
    }
    handlers_.on_event(*event);
    if (!socket_) return;
  }
  session_->renew_budget();
  flush();
}

void ClientConnection::count_drained(std::size_t bytes) {
  received_ += bytes;
  if (!session_ || received_ - acknowledged_ < kAcknowledgeEvery) return;
  acknowledged_ = received_;
  // Should it not fit, the next one will say the same and more.
  send_some(socket_.get(), acknowledgement(received_));
}

std::span<const std::uint8_t> ClientConnection::output() const {
  return session_ ? session_->output() : std::span<const std::uint8_t>(raw_output_);
}

void ClientConnection::consume_output(std::size_t bytes) {
  if (session_) {
    session_->consume_output(bytes);
  } else {
    raw_output_.erase(raw_output_.begin(),
                      raw_output_.begin() + static_cast<std::ptrdiff_t>(bytes));
  }
}

void ClientConnection::flush() {
  if (!connected_ || held_) return watch_writable(!connected_);
  while (!output().empty()) {
    const Transfer sent = send_some(socket_.get(), output());
    if (sent.progress == Progress::kEnded) return lose("closed by the server");
    if (sent.progress == Progress::kWouldBlock) return watch_writable(true);
    meter_.window.bytes_sent += sent.bytes;
    consume_output(sent.bytes);
  }
  watch_writable(false);
  if (stopping_) shutdown(socket_.get(), SHUT_WR);
}

void ClientConnection::watch_writable(bool wanted) {
  if (wanted == watching_writable_) return;
  watching_writable_ = wanted;
  loop_.change(socket_.get(), wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
}

void ClientConnection::refuse(const std::string& code) {
  ++meter_.refusals[code];
  end(End::kRefused);
}

void ClientConnection::lose(const std::string& why) {
  if (!stopping_ && !end_expected_) meter_.count_lost(why);
  end(stopping_ ? End::kStopped : End::kLost);
}

void ClientConnection::end(End how) {
  close();
  if (handlers_.on_closed) handlers_.on_closed(how);
}

}  // namespace weir::load
