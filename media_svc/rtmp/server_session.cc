#include "media_svc/rtmp/server_session.h"

#include <utility>

#include "media_svc/rtmp/data_message.h"
#include "media_svc/rtmp/random_seed.h"
#include "media_svc/rtmp/server_replies.h"

namespace weir::media::rtmp {
ServerSession::ServerSession(const Options& options)
    : options_(options),
      link_(options.limits, options.acknowledgement_window),
      handshake_(options.handshake_seed.value_or(random_seed())),
      streams_(options.limits.message_streams) {}

void ServerSession::feed(std::span<const std::uint8_t> bytes) {
  if (!ended_) link_.feed(bytes);
}

std::optional<ServerEvent> ServerSession::next_event() {
  if (queued_) return std::exchange(queued_, std::nullopt);
  if (ended_) return std::nullopt;
  auto event = step();
  if (event) return std::move(*event);
  ended_ = true;
  return ProtocolFault{std::move(event).error()};
}

// Goes on until there is an event or the input is used up.
ServerSession::Step ServerSession::step() {
  if (handshake_) {
    const auto done = handshake_->next(link_.input(), link_.output_buffer());
    if (!done) return done.error();
    if (!*done) return std::nullopt;
    const HandshakeCompleted completed{handshake_->digest()};
    handshake_.reset();
    return completed;
  }
  return link_.next_event<ServerEvent>(
      [this](Message message) { return on_message(std::move(message)); });
}

ServerSession::Step ServerSession::on_message(Message message) {
  switch (message.type) {
    case MessageType::kAudio:
    case MessageType::kVideo:
    case MessageType::kDataAmf0:
    case MessageType::kDataAmf3:
      return on_media(std::move(message));
    case MessageType::kCommandAmf0:
    case MessageType::kCommandAmf3:
      return on_command(message);
    default:
      return std::nullopt;
  }
}

ServerSession::Step ServerSession::on_media(Message message) {
  // A chunk stream that does not begin with a full header names none (section 5.3.1.2).
  const MessageStream* stream =
      message.stream_id == 0 ? streams_.find_only_publishing() : streams_.find(message.stream_id);
  if (!stream || !stream->publishes()) return on_stray_media();
  message.stream_id = stream->id;
  if (message.type == MessageType::kAudio || message.type == MessageType::kVideo) {
    return MediaReceived{std::move(message)};
  }
  auto data = to_player_data(message);
  if (!data) return std::nullopt;
  return MediaReceived{std::move(*data)};
}

ServerSession::Step ServerSession::on_stray_media() {
  strayed_ = true;
  if (stray_seconds_ < options_.limits.stray_media_seconds) return std::nullopt;
  return Fault{Error::kStrayMedia, "media goes on for a message stream that publishes nothing"};
}

void ServerSession::accept_publish(std::uint32_t stream_id) {
  MessageStream* stream = streams_.find(stream_id);
  if (!stream || stream->use != MessageStream::Use::kPublishRequested) return;
  stream->use = MessageStream::Use::kPublishing;
  write_status(link_, stream_id, StatusCode::kPublishStart, "Start publishing.");
}

void ServerSession::accept_play(std::uint32_t stream_id) {
  MessageStream* stream = streams_.find(stream_id);
  if (!stream || stream->use != MessageStream::Use::kPlayRequested) return;
  stream->use = MessageStream::Use::kPlaying;
  write_play_start(link_, stream_id);
}

void ServerSession::refuse_publish(std::uint32_t stream_id, StatusCode status,
                                   std::string_view description) {
  end_publish(stream_id, status, description);
}

void ServerSession::end_publish(std::uint32_t stream_id, StatusCode status,
                                std::string_view description) {
  MessageStream* stream = streams_.find(stream_id);
  if (!stream || !stream->publishes()) return;
  stream->end_use();
  write_status(link_, stream_id, status, description);
}

void ServerSession::refuse_play(std::uint32_t stream_id, StatusCode status,
                                std::string_view description) {
  end_play(stream_id, status, description);
}

void ServerSession::end_play(std::uint32_t stream_id, StatusCode status,
                             std::string_view description) {
  MessageStream* stream = streams_.find(stream_id);
  if (!stream || !stream->plays()) return;
  if (stream->use == MessageStream::Use::kPlaying) link_.write(UserControl::kStreamEof, stream_id);
  stream->end_use();
  write_status(link_, stream_id, status, description);
}

void ServerSession::notify_unpublished(std::uint32_t stream_id) {
  if (!is_playing(stream_id)) return;
  link_.write(UserControl::kStreamEof, stream_id);
  write_status(link_, stream_id, StatusCode::kPlayUnpublishNotify, "The publisher has left.");
}

void ServerSession::notify_published(std::uint32_t stream_id) {
  if (!is_playing(stream_id)) return;
  link_.write(UserControl::kStreamBegin, stream_id);
  write_status(link_, stream_id, StatusCode::kPlayPublishNotify, "The publisher is back.");
}

bool ServerSession::request_reconnect(std::string_view tc_url, std::string_view description) {
  if (!can_reconnect_) return false;
  moving_ = true;
  write_reconnect_request(link_, tc_url, description);
  return true;
}

void ServerSession::renew_budget() {
  link_.renew_budget();
  requests_ = 0;
  if (std::exchange(strayed_, false)) {
    ++stray_seconds_;
  } else if (stray_seconds_ > 0) {
    --stray_seconds_;
  }
}

std::optional<StreamAddress> ServerSession::address(const Command& command) const {
  return parse_stream_address(tc_url_, app_, command.value(1).text());
}

std::optional<ServerEvent> ServerSession::close(MessageStream& stream) {
  const bool published = stream.publishes();
  const bool played = stream.plays();
  stream.end_use();
  if (published) {
    write_status(link_, stream.id, StatusCode::kUnpublishSuccess, "Stream is now unpublished.");
    return PublishEnded{stream.id, !moving_};
  }
  if (played) return PlayEnded{stream.id};
  return std::nullopt;
}

bool ServerSession::plays(std::uint32_t stream_id) {
  const MessageStream* stream = streams_.find(stream_id);
  return stream && stream->plays();
}

bool ServerSession::is_playing(std::uint32_t stream_id) {
  const MessageStream* stream = streams_.find(stream_id);
  return stream && stream->use == MessageStream::Use::kPlaying;
}

}  // namespace weir::media::rtmp
