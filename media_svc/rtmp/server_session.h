// The server's side of one RTMP connection, as a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "media_svc/rtmp/command.h"
#include "media_svc/rtmp/handshake.h"
#include "media_svc/rtmp/limits.h"
#include "media_svc/rtmp/link.h"
#include "media_svc/rtmp/message.h"
#include "media_svc/rtmp/message_streams.h"
#include "media_svc/rtmp/server_event.h"
#include "media_svc/rtmp/status.h"

namespace weir::media::rtmp {

// Turns the bytes of one connection into events, and decisions into bytes. No I/O, no clock, no
// threads: its owner (the connection in `net`, on that connection's worker) moves the bytes.
//
//   session.feed(received);
//   while (auto event = session.next_event()) …        // may call the session back
//   write(session.output()); session.consume_output(written);
//
// A publish or play waits until its owner accepts or refuses it; media that the publisher sends
// meanwhile comes as events. Ends with a `ProtocolFault` event, after which only `output()` is of
// use (it may hold the reason for the peer), or when its owner drops it with the connection: a
// publish that is still open then was interrupted.
class ServerSession {
 public:
  struct Options {
    Limits limits = {};
    // What the server asks the peer to acknowledge, and the bandwidth that it grants.
    std::uint32_t acknowledgement_window = 5'000'000;
    // Where the handshake's random bytes come from; for tests. Unset: the system.
    std::optional<std::uint64_t> handshake_seed = std::nullopt;
  };

  explicit ServerSession(const Options& options);

  // Borrows the bytes until `next_event()` answers nothing; only then may more be fed.
  void feed(std::span<const std::uint8_t> bytes);
  std::optional<ServerEvent> next_event();

  // What is to be sent; always ends at the end of a message, so that the bytes of `render()` may
  // follow. Media to players goes that way, past the session.
  std::span<const std::uint8_t> output() const { return link_.output(); }
  void consume_output(std::size_t bytes) { link_.consume_output(bytes); }

  // Answers to PublishRequested. The peer hears Publish.Start from `accept_publish`.
  void accept_publish(std::uint32_t stream_id);
  // kPublishBadName or kPublishDenied.
  void refuse_publish(std::uint32_t stream_id, StatusCode status, std::string_view description);
  // Ends an accepted publish from our side. The connection stays usable.
  void end_publish(std::uint32_t stream_id, StatusCode status, std::string_view description);

  // Answers to PlayRequested: StreamBegin, Play.Reset, Play.Start, |RtmpSampleAccess.
  void accept_play(std::uint32_t stream_id);
  // kPlayStreamNotFound or kPlayFailed.
  void refuse_play(std::uint32_t stream_id, StatusCode status, std::string_view description);
  void end_play(std::uint32_t stream_id, StatusCode status, std::string_view description);
  // The publisher of what is played went away; the player may wait for the next.
  void notify_unpublished(std::uint32_t stream_id);
  void notify_published(std::uint32_t stream_id);

  // Asks an Enhanced RTMP client to reconnect to `tc_url`. From now on every end of a publish on
  // this connection counts as interrupted. False: the client did not announce that it can.
  bool request_reconnect(std::string_view tc_url, std::string_view description);
  // The owner is about to close the connection in order to move the client: ends count as
  // interrupted from now on.
  void expect_move() { moving_ = true; }

  // Once a second: the message and chunk budgets of `Limits` are full again.
  void renew_budget();

 private:
  // An event, nothing, or the end.
  using Step = Outcome<std::optional<ServerEvent>>;
  using Handler = Step (ServerSession::*)(const Command& command, std::uint32_t stream_id);
  static Handler find_handler(std::string_view name);

  Step step();
  Step on_message(Message message);
  Step on_media(Message message);
  // Media that no publish takes; thrown away.
  Step on_stray_media();
  Step on_command(const Message& message);

  Step on_connect(const Command& command, std::uint32_t stream_id);
  Step on_create_stream(const Command& command, std::uint32_t stream_id);
  Step on_delete_stream(const Command& command, std::uint32_t stream_id);
  Step on_close_stream(const Command& command, std::uint32_t stream_id);
  Step on_publish(const Command& command, std::uint32_t stream_id);
  Step on_fc_unpublish(const Command& command, std::uint32_t stream_id);
  Step on_play(const Command& command, std::uint32_t stream_id);
  Step on_pause(const Command& command, std::uint32_t stream_id);
  Step on_seek(const Command& command, std::uint32_t stream_id);
  Step on_receive_audio(const Command& command, std::uint32_t stream_id);
  Step on_receive_video(const Command& command, std::uint32_t stream_id);
  Step on_get_stream_length(const Command& command, std::uint32_t stream_id);
  // Commands that need no more than a yes.
  Step on_courtesy(const Command& command, std::uint32_t stream_id);

  std::optional<StreamAddress> address(const Command& command) const;
  // Puts a message stream to a new use, which ends its old one; says `refusal` where it cannot.
  template <class Requested>
  Step request(const Command& command, Requested requested, MessageStream::Use use,
               StatusCode refusal);
  // Makes a stream idle; the event that tells of it, if it was in use.
  std::optional<ServerEvent> close(MessageStream& stream);
  // Whether a play was accepted there, or waits to be; whether it was accepted.
  bool plays(std::uint32_t stream_id);
  bool is_playing(std::uint32_t stream_id);

  Options options_;
  Link link_;
  std::optional<ServerHandshake> handshake_;
  MessageStreams streams_;
  // The second event of a command that made two.
  std::optional<ServerEvent> queued_;

  // To publish or play, since the budget was renewed.
  std::uint32_t requests_ = 0;
  // Publishes that were ever asked for.
  std::uint64_t publishes_ = 0;
  // Of media that no publish takes: whether there was any since then, and in how many seconds
  // before.
  bool strayed_ = false;
  std::uint32_t stray_seconds_ = 0;

  std::string app_;
  std::string tc_url_;
  bool connected_ = false;
  bool can_reconnect_ = false;
  bool moving_ = false;
  bool ended_ = false;
};

}  // namespace weir::media::rtmp
