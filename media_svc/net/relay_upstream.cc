#include "media_svc/net/relay_upstream.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "media_svc/net/relay_player.h"

namespace weir::media::net {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// Full reads before others get their turn.
constexpr int kReadsATurn = 4;
constexpr std::string_view kUnpublished = "NetStream.Play.UnpublishNotify";
// AMF0 of the string "|RtmpSampleAccess", which every server tells its own players.
constexpr std::string_view kSampleAccess{"\x02\x00\x11|RtmpSampleAccess", 20};

// What RFC 3986 leaves unreserved, and the slashes between segments, stay as they are.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

rtmp::ClientSession::Options play_options(const Endpoint& holder, const std::string& stream_id,
                                          const std::string& token, const rtmp::Limits& limits) {
  const std::size_t slash = stream_id.find('/');
  rtmp::ClientSession::Options options;
  options.role = rtmp::ClientSession::Role::kPlay;
  options.app = percent_encoded(stream_id.substr(0, slash));
  options.tc_url = "rtmp://" + to_string(holder) + "/" + options.app;
  options.name = fmt::format("{}?{}={}", percent_encoded(stream_id.substr(slash + 1)),
                             RelayPlayer::kParameter, token);
  options.limits = limits;
  return options;
}

bool is_sample_access(const rtmp::Message& message) {
  const auto bytes = message.payload.span();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with(kSampleAccess);
}

}  // namespace

RelayUpstream::RelayUpstream(RtmpWorker& worker, UpstreamEvents events)
    : worker_(worker),
      events_(std::move(events)),
      resolver_(worker.worker.io()),
      socket_(worker.worker.io()) {}

void RelayUpstream::open(const Endpoint& holder, const std::string& stream_id,
                         const std::string& token) {
  session_.emplace(play_options(holder, stream_id, token, worker_.context.limits.rtmp));
  resolver_.async_resolve(
      holder.host, std::to_string(holder.port),
      [self = shared_from_this()](const error_code& error, const tcp::resolver::results_type& at) {
        if (self->closed_) return;
        if (error) return self->lose(error.message());
        boost::asio::async_connect(self->socket_, at,
                                   [self](const error_code& failed, const tcp::endpoint&) {
                                     if (self->closed_) return;
                                     if (failed) return self->lose(failed.message());
                                     self->start();
                                   });
      });
}

void RelayUpstream::start() {
  error_code ignored;
  std::ignore = socket_.set_option(tcp::no_delay(true), ignored);
  std::ignore = socket_.non_blocking(true, ignored);
  flush();
  wait_readable();
}

void RelayUpstream::close() {
  if (std::exchange(closed_, true)) return;
  resolver_.cancel();
  error_code ignored;
  std::ignore = socket_.close(ignored);
}

void RelayUpstream::lose(const std::string& reason) {
  if (closed_) return;
  const auto alive = shared_from_this();
  close();
  events_.lost(reason);
}

void RelayUpstream::wait_readable() {
  if (closed_) return;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (!error) self->on_readable();
  });
}

void RelayUpstream::on_readable() {
  for (int i = 0; i < kReadsATurn && !closed_; ++i) {
    const std::span<std::uint8_t> buffer = worker_.worker.read_buffer();
    error_code error;
    const std::size_t size =
        socket_.read_some(boost::asio::buffer(buffer.data(), buffer.size()), error);
    if (error == boost::asio::error::would_block) break;
    if (error) return lose(error.message());
    worker_.ingress_bytes.add(size);
    receive(buffer.first(size));
    if (size < buffer.size()) break;
  }
  flush();
  wait_readable();
}

void RelayUpstream::receive(std::span<const std::uint8_t> bytes) {
  session_->feed(bytes);
  while (!closed_) {
    const auto event = session_->next_event();
    if (!event) break;
    handle(*event);
  }
  if (!closed_) events_.read();
}

void RelayUpstream::handle(const rtmp::ClientEvent& event) {
  if (const auto* media = std::get_if<rtmp::ClientMedia>(&event)) {
    if (!is_sample_access(media->message)) events_.media(media->message);
  } else if (std::holds_alternative<rtmp::ClientStarted>(event)) {
    events_.started();
  } else if (const auto* refused = std::get_if<rtmp::ClientRefused>(&event)) {
    lose(refused->description);
  } else if (const auto* fault = std::get_if<rtmp::ClientFault>(&event)) {
    lose(fault->fault.text);
  } else if (const auto* notified = std::get_if<rtmp::ClientNotified>(&event)) {
    if (notified->code != kUnpublished) return;
    events_.unpublished();
    lose("unpublished there");
  }
}

void RelayUpstream::flush() {
  while (!closed_ && !awaiting_writable_ && !session_->output().empty()) {
    const auto output = session_->output();
    error_code error;
    const std::size_t size =
        socket_.write_some(boost::asio::buffer(output.data(), output.size()), error);
    if (error && error != boost::asio::error::would_block) return lose(error.message());
    session_->consume_output(size);
    if (!error) continue;
    awaiting_writable_ = true;
    socket_.async_wait(tcp::socket::wait_write,
                       [self = shared_from_this()](const error_code& failed) {
                         if (failed) return;
                         self->awaiting_writable_ = false;
                         self->flush();
                       });
  }
}

}  // namespace weir::media::net
