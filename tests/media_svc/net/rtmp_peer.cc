#include "tests/media_svc/net/rtmp_peer.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <iostream>
#include <tuple>

namespace weir::media::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

RtmpPeer::RtmpPeer(const Endpoint& server) : socket_(io_) {
  socket_.connect(tcp::endpoint(asio::ip::make_address(server.host), server.port));
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  received_.resize(64u << 10);
}

RtmpPeer::RtmpPeer(const Endpoint& server, rtmp::ClientSession::Role role, const std::string& name,
                   std::string_view preamble)
    : RtmpPeer(server) {
  send_raw(preamble);
  start(server, {.role = role, .name = name});
}

RtmpPeer::RtmpPeer(const Endpoint& server, rtmp::ClientSession::Options options)
    : RtmpPeer(server) {
  start(server, std::move(options));
}

void RtmpPeer::start(const Endpoint& server, rtmp::ClientSession::Options options) {
  options.app = "live";
  options.tc_url = "rtmp://" + to_string(server) + "/live";
  session_.emplace(std::move(options));
  flush();
}

void RtmpPeer::send_raw(std::span<const std::uint8_t> bytes) {
  boost::system::error_code ignored;
  asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
}

void RtmpPeer::send_raw(std::string_view text) {
  send_raw(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

bool RtmpPeer::wait_closed() {
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), received_.data(), received_.size(), 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return true;
    if (got < 0) return false;
  }
}

std::optional<rtmp::ClientEvent> RtmpPeer::next_event() {
  while (events_.empty()) {
    if (!read_some()) return std::nullopt;
  }
  rtmp::ClientEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void RtmpPeer::note(const rtmp::ClientRefused& refused) {
  std::clog << "refused: " << refused.code << " " << refused.description << "\n";
}

void RtmpPeer::poll() { read_some(MSG_DONTWAIT); }

bool RtmpPeer::read_some(int flags) {
  const ssize_t got = ::recv(socket_.native_handle(), received_.data(), received_.size(), flags);
  if (got <= 0) return false;
  session_->feed(std::span(received_).first(static_cast<std::size_t>(got)));
  while (auto event = session_->next_event()) events_.push_back(std::move(*event));
  flush();
  return true;
}

void RtmpPeer::send(rtmp::MessageType type, std::uint32_t timestamp, std::string_view payload) {
  session_->send_media({.type = type,
                        .timestamp = timestamp,
                        .stream_id = 0,
                        .payload = SharedBytes::copy_of(payload)});
  flush();
}

void RtmpPeer::stop() {
  session_->stop();
  flush();
}

void RtmpPeer::close() {
  boost::system::error_code ignored;
  std::ignore = socket_.close(ignored);
}

void RtmpPeer::flush() {
  const auto output = session_->output();
  send_raw(output);
  session_->consume_output(output.size());
}

std::string text(const SharedBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// FLV 10.1, E.4.3: frame type and codec 7 (AVC), packet type, composition time.
std::string keyframe(std::string_view text) {
  return std::string("\x17\x01\x00\x00\x00", 5).append(text);
}

std::string interframe(std::string_view text) {
  return std::string("\x27\x01\x00\x00\x00", 5).append(text);
}

std::string video_header() { return std::string("\x17\x00\x00\x00\x00header", 11); }

}  // namespace weir::media::testing
