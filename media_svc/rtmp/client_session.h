// The client's side of one RTMP connection, as a value: one publish or one play.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "media_svc/rtmp/client_event.h"
#include "media_svc/rtmp/limits.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// Connects and publishes or plays one stream. Same manner as ServerSession: feed, next_event until
// nothing, output; no I/O, no clock, no threads. Used by the load program, the relay and tests.
// Ends with a ClientFault, or when its owner drops it with the connection.
class ClientSession {
 public:
  enum class Role : std::uint8_t { kPublish, kPlay };

  struct Options {
    Role role = Role::kPlay;
    // "live"; without the query.
    std::string app;
    // "rtmp://host:1935/live"
    std::string tc_url;
    // "name?token=…"; sent as it is.
    std::string name;
    // Announced to the server before media is sent.
    std::uint32_t chunk_size = 60'000;
    // The handshake with Adobe's digests instead of the plain one.
    bool digest = false;
    // Announces that the client takes a ReconnectRequest.
    bool can_reconnect = false;
    Limits limits;
    std::optional<std::uint64_t> handshake_seed;
  };

  // C0 and C1 are in `output()` at once.
  explicit ClientSession(Options options);
  ClientSession(ClientSession&&) noexcept;
  ClientSession& operator=(ClientSession&&) noexcept;
  ~ClientSession();

  // Borrows the bytes until `next_event()` answers nothing; only then may more be fed.
  void feed(std::span<const std::uint8_t> bytes);
  std::optional<ClientEvent> next_event();

  // What is to be sent; always ends at the end of a message.
  std::span<const std::uint8_t> output() const;
  void consume_output(std::size_t bytes);

  // After ClientStarted, of a publisher. `message.stream_id` is not looked at.
  void send_media(const Message& message);
  // Ends the publish or play in order: FCUnpublish and deleteStream.
  void stop();
  // The stream that the server gave out; for those who render their media themselves.
  std::uint32_t stream_id() const;
  void renew_budget();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace weir::media::rtmp
