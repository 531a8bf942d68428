// The client's side of one RTMP connection, as a value: one publish or one play.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "media_svc/rtmp/client_event.h"
#include "media_svc/rtmp/command.h"
#include "media_svc/rtmp/handshake.h"
#include "media_svc/rtmp/limits.h"
#include "media_svc/rtmp/link.h"
#include "media_svc/rtmp/message.h"
#include "media_svc/rtmp/rendering.h"

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
    std::string app = {};
    // "rtmp://host:1935/live"
    std::string tc_url = {};
    // "name?token=…"; sent as it is.
    std::string name = {};
    // Announced to the server before media is sent.
    std::uint32_t chunk_size = kOutputChunkSize;
    // The handshake with Adobe's digests instead of the plain one.
    bool digest = false;
    // Announces that the client takes a ReconnectRequest.
    bool can_reconnect = false;
    Limits limits = {};
    std::optional<std::uint64_t> handshake_seed = std::nullopt;
  };

  // C0 and C1 are in `output()` at once.
  explicit ClientSession(Options options);

  // Borrows the bytes until `next_event()` answers nothing; only then may more be fed.
  void feed(std::span<const std::uint8_t> bytes);
  std::optional<ClientEvent> next_event();

  // What is to be sent; always ends at the end of a message.
  std::span<const std::uint8_t> output() const { return link_.output(); }
  void consume_output(std::size_t bytes) { link_.consume_output(bytes); }

  // After ClientStarted, of a publisher. `message.stream_id` is not looked at.
  void send_media(const Message& message);
  // Ends the publish or play in order: FCUnpublish and deleteStream.
  void stop();
  // The stream that the server gave out; for those who cut their media with `render()`, which
  // fits a `chunk_size` of `kOutputChunkSize`.
  std::uint32_t stream_id() const { return stream_id_; }
  void renew_budget() { link_.renew_budget(); }

 private:
  using Step = Outcome<std::optional<ClientEvent>>;

  Step step();
  Step on_message(Message message);
  Step on_command(const Message& message);
  Step on_result(const Command& command);
  Step on_status(const Command& command);
  void send_connect();
  void send_create_stream();
  void send_start();
  void send_named(std::string_view command, double transaction_id);

  Options options_;
  Link link_;
  std::optional<ClientHandshake> handshake_;
  std::uint32_t stream_id_ = 0;
  bool ended_ = false;
};

}  // namespace weir::media::rtmp
