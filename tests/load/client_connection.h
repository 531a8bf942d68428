// One connection to the server under test.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media_svc/rtmp/client_session.h"
#include "tests/load/event_loop.h"
#include "tests/load/file_descriptor.h"
#include "tests/load/meter.h"
#include "tests/load/socket.h"

namespace weir::load {

// Moves bytes between a socket and an rtmp::ClientSession and hands the session's events on; counts
// bytes, refusals and losses.
// Without a session ("raw") it is started as soon as it is connected, and media is sent as bare
// chunks: for comparisons with programs that speak no RTMP.
//
// Owned by a publisher, player or visitor, on the loop's thread. Destroyed by its owner, never from
// within a handler. After `on_closed` it is silent.
class ClientConnection final : public EventLoop::Watcher {
 public:
  // `kStopped`: as its owner asked. `kLost`: by the server, the network or a fault.
  enum class End : std::uint8_t { kStopped, kRefused, kLost };
  struct Handlers {
    std::function<void(const media::rtmp::ClientEvent&)> on_event;
    // Once, unless the owner closed it; may be left out.
    std::function<void(End)> on_closed = {};
  };

  ClientConnection(EventLoop& loop, const SocketAddress& address,
                   std::optional<media::rtmp::ClientSession::Options> session, Handlers handlers,
                   Meter& meter);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection();

  bool is_open() const { return static_cast<bool>(socket_); }
  void send_media(const media::rtmp::Message& message);
  // Accepted by `send_media`, but not by the socket.
  std::size_t unsent_bytes() const;

  // From now on what arrives is counted and dropped unseen.
  void drain();
  // The server may end it from now on: that is no loss.
  void expect_end() { end_expected_ = true; }
  // From now on nothing is sent.
  void hold() { held_ = true; }
  // Ends the publish or play in order, says that nothing follows and waits for the server to close.
  void stop();
  void close();

 private:
  enum class Reading : std::uint8_t { kSession, kDrain };

  void on_ready(std::uint32_t events) override;
  bool finish_connect();
  void read();
  void feed(std::span<const std::uint8_t> bytes);
  void count_drained(std::size_t bytes);
  std::span<const std::uint8_t> output() const;
  void consume_output(std::size_t bytes);
  void flush();
  void watch_writable(bool wanted);
  void refuse(const std::string& code);
  void lose(const std::string& why);
  void end(End how);

  EventLoop& loop_;
  Handlers handlers_;
  Meter& meter_;
  FileDescriptor socket_;
  std::optional<media::rtmp::ClientSession> session_;
  std::vector<std::uint8_t> raw_output_;
  Reading reading_ = Reading::kSession;
  bool connected_ = false;
  bool watching_writable_ = true;
  bool held_ = false;
  bool end_expected_ = false;
  bool stopping_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace weir::load
