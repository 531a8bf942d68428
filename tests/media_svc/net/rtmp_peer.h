// An RTMP client for tests: a blocking socket with a ClientSession.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "common/endpoint.h"
#include "media_svc/rtmp/client_session.h"

namespace weir::media::testing {

// Owned by a test, on its thread. Waits at most 30 s for what it waits for.
class RtmpPeer {
 public:
  // Connects; nothing is sent yet.
  explicit RtmpPeer(const Endpoint& server);
  // The same, as a publisher or player of "live/{name}"; `preamble` goes before all else.
  RtmpPeer(const Endpoint& server, rtmp::ClientSession::Role role, const std::string& name,
           std::string_view preamble = {});
  // The same, for what else a client may announce; application and tcUrl are filled in.
  RtmpPeer(const Endpoint& server, rtmp::ClientSession::Options options);

  void send_raw(std::span<const std::uint8_t> bytes);
  void send_raw(std::string_view text);
  // True once the server has closed the connection; what it sent before is thrown away.
  bool wait_closed();

  // The next event that is a `T`; others on the way are dropped. Nothing if the server closes.
  template <class T>
  std::optional<T> wait_for() {
    while (auto event = next_event()) {
      if (auto* wanted = std::get_if<T>(&*event)) return std::move(*wanted);
      if (const auto* refused = std::get_if<rtmp::ClientRefused>(&*event)) note(*refused);
    }
    return std::nullopt;
  }
  std::optional<rtmp::ClientEvent> next_event();

  // Takes what is there without waiting.
  void poll();

  void send(rtmp::MessageType type, std::uint32_t timestamp, std::string_view payload);
  void stop();
  void close();

 private:
  void start(const Endpoint& server, rtmp::ClientSession::Options options);
  // For whoever reads why a test that waited for something else has failed.
  static void note(const rtmp::ClientRefused& refused);
  void flush();
  // False at the end of the connection.
  bool read_some(int flags = 0);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<rtmp::ClientSession> session_;
  std::vector<std::uint8_t> received_;
  std::deque<rtmp::ClientEvent> events_;
};

std::string text(const SharedBytes& bytes);

// The next video that a player gets, as its body; nothing if the server closes. Also for a TlsPeer.
template <class Peer>
std::optional<std::string> next_video(Peer& player) {
  while (const auto media = player.template wait_for<rtmp::ClientMedia>()) {
    if (media->message.type == rtmp::MessageType::kVideo) return text(media->message.payload);
  }
  return std::nullopt;
}

// Tag bodies as an encoder would make them; `text` tells them apart.
std::string keyframe(std::string_view text);
std::string interframe(std::string_view text);
std::string video_header();

}  // namespace weir::media::testing
