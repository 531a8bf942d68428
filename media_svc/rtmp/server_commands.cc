// The handlers of a client's commands.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "media_svc/rtmp/enhanced_rtmp.h"
#include "media_svc/rtmp/server_replies.h"
#include "media_svc/rtmp/server_session.h"

namespace weir::media::rtmp {
namespace {

// Of app and tcUrl, which a connection keeps; a token of the largest size that control takes fits.
constexpr std::size_t kConnectTextBytes = 8192;

constexpr std::string_view kBadAddress = "The stream's name is not valid.";
constexpr std::string_view kPublishesAlready = "The message stream is publishing already.";

// The play's fourth argument (section 7.2.2.1): Flash and librtmp write milliseconds. Nothing for
// -1 (to the end), and for 0, which asks for one picture of a recording.
std::optional<Duration> play_duration(const Command& command) {
  constexpr double kLongest = 0xFFFF'FFFF;
  const double value = command.value(3).number();
  if (!(value > 0)) return std::nullopt;
  return Duration{static_cast<std::int64_t>(std::min(value, kLongest))};
}

// A number that came as a double; 0 if it is no stream id.
std::uint32_t to_id(double number) {
  return number >= 1 && number <= 0xFFFF'FFFF ? static_cast<std::uint32_t>(number) : 0;
}

}  // namespace

ServerSession::Handler ServerSession::find_handler(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Handler>, 18> kHandlers = {{
      {"connect", &ServerSession::on_connect},
      {"createStream", &ServerSession::on_create_stream},
      {"deleteStream", &ServerSession::on_delete_stream},
      {"closeStream", &ServerSession::on_close_stream},
      {"publish", &ServerSession::on_publish},
      {"FCUnpublish", &ServerSession::on_fc_unpublish},
      {"play", &ServerSession::on_play},
      {"pause", &ServerSession::on_pause},
      {"pauseRaw", &ServerSession::on_pause},
      {"seek", &ServerSession::on_seek},
      {"receiveAudio", &ServerSession::on_receive_audio},
      {"receiveVideo", &ServerSession::on_receive_video},
      {"getStreamLength", &ServerSession::on_get_stream_length},
      {"releaseStream", &ServerSession::on_courtesy},
      {"FCPublish", &ServerSession::on_courtesy},
      {"FCSubscribe", &ServerSession::on_courtesy},
      {"FCUnsubscribe", &ServerSession::on_courtesy},
      {"_checkbw", &ServerSession::on_courtesy},
  }};
  for (const auto& [known, handler] : kHandlers) {
    if (known == name) return handler;
  }
  return nullptr;
}

ServerSession::Step ServerSession::on_command(const Message& message) {
  const auto command = parse_command(message, options_.limits);
  if (!command) return command.error();
  const Handler handler = find_handler(command->name);
  // Answers to what was never asked, and whatever else a client may call.
  if (handler == nullptr) return std::nullopt;
  if (connected_ == (handler == &ServerSession::on_connect)) {
    return Fault{Error::kUnexpectedCommand, connected_ ? "connect on a connection that is connected"
                                                       : "command before connect"};
  }
  return (this->*handler)(*command, message.stream_id);
}

ServerSession::Step ServerSession::on_connect(const Command& command, std::uint32_t) {
  const AmfObject& object = command.object(0);
  app_ = object.text("app");
  tc_url_ = object.text("tcUrl");
  if (!is_valid_app(app_) || app_.size() > kConnectTextBytes ||
      tc_url_.size() > kConnectTextBytes) {
    write_connect_refused(link_, command.transaction_id, StatusCode::kConnectInvalidApp,
                          "The application's name is not valid.");
    return Fault{Error::kInvalidApp, "connect names no valid application"};
  }
  const AmfValue* encoding = object.find("objectEncoding");
  connected_ = true;
  can_reconnect_ = (caps_ex(object) & kCapsReconnect) != 0;
  write_connected(link_, command.transaction_id, encoding ? encoding->number() : 0,
                  options_.acknowledgement_window);
  return Connected{app_, tc_url_, object.text("flashVer"), can_reconnect_};
}

ServerSession::Step ServerSession::on_create_stream(const Command& command, std::uint32_t) {
  const MessageStream* stream = streams_.create();
  if (!stream) return Fault{Error::kMessageStreams, "too many message streams"};
  write_result(link_, command.transaction_id, stream->id);
  return std::nullopt;
}

ServerSession::Step ServerSession::on_delete_stream(const Command& command, std::uint32_t) {
  const std::uint32_t id = to_id(command.value(1).number());
  MessageStream* stream = streams_.find(id);
  if (!stream) return std::nullopt;
  auto event = close(*stream);
  streams_.erase(id);
  return event;
}

ServerSession::Step ServerSession::on_close_stream(const Command&, std::uint32_t stream_id) {
  MessageStream* stream = streams_.find(stream_id);
  return stream ? close(*stream) : std::nullopt;
}

template <class Requested>
ServerSession::Step ServerSession::request(const Command& command, Requested requested,
                                           MessageStream::Use use, StatusCode refusal) {
  if (++requests_ > options_.limits.stream_requests) {
    return Fault{Error::kMessageRate, "too many requests to publish or play in a second"};
  }
  const std::uint32_t stream_id = requested.stream_id;
  MessageStream* stream = streams_.find_or_add(stream_id);
  if (!stream) return Fault{Error::kMessageStreams, "use of a message stream that cannot be"};
  auto wanted = address(command);
  if (!wanted || stream->publishes()) {
    write_status(link_, stream_id, refusal, wanted ? kPublishesAlready : kBadAddress);
    return std::nullopt;
  }
  auto ended = close(*stream);
  if (use == MessageStream::Use::kPublishRequested) ++publishes_;
  stream->use = use;
  stream->address = wanted->stream_id();
  requested.address = std::move(*wanted);
  if (!ended) return std::move(requested);
  queued_ = std::move(requested);
  return ended;
}

ServerSession::Step ServerSession::on_publish(const Command& command, std::uint32_t stream_id) {
  return request(command, PublishRequested{.stream_id = stream_id},
                 MessageStream::Use::kPublishRequested, StatusCode::kPublishBadName);
}

// Says the name, not the stream; deleteStream usually follows and then finds nothing to end. Who
// has published but once means that, whatever name it says; else the name may be of one that is
// over.
ServerSession::Step ServerSession::on_fc_unpublish(const Command& command, std::uint32_t) {
  const auto named = address(command);
  MessageStream* stream = named ? streams_.find_publishing(named->stream_id()) : nullptr;
  if (!stream && publishes_ == 1) stream = streams_.find_only_publishing();
  return stream ? close(*stream) : std::nullopt;
}

// Live streams have no past: a `start`, which asks for one or for whatever there is, changes
// nothing. rtmpdump asks for the beginning of a recording unless told otherwise.
ServerSession::Step ServerSession::on_play(const Command& command, std::uint32_t stream_id) {
  return request(command, PlayRequested{.stream_id = stream_id, .duration = play_duration(command)},
                 MessageStream::Use::kPlayRequested, StatusCode::kPlayFailed);
}

ServerSession::Step ServerSession::on_pause(const Command& command, std::uint32_t stream_id) {
  if (!plays(stream_id)) return std::nullopt;
  const bool paused = command.value(1).boolean();
  write_status(link_, stream_id, paused ? StatusCode::kPauseNotify : StatusCode::kUnpauseNotify,
               paused ? "Paused." : "Unpaused.");
  return PauseChanged{stream_id, paused};
}

ServerSession::Step ServerSession::on_seek(const Command& command, std::uint32_t stream_id) {
  if (!plays(stream_id)) return std::nullopt;
  write_status(link_, stream_id, StatusCode::kSeekNotify, "A live stream goes on where it is.");
  return SeekRequested{stream_id, to_id(command.value(1).number())};
}

ServerSession::Step ServerSession::on_receive_audio(const Command& command,
                                                    std::uint32_t stream_id) {
  if (!plays(stream_id)) return std::nullopt;
  return ReceiveAudioChanged{stream_id, command.value(1).boolean()};
}

// Who has done without video cannot go on in the middle of what a decoder needs: it is a seek
// (section 7.2.2.5).
ServerSession::Step ServerSession::on_receive_video(const Command& command,
                                                    std::uint32_t stream_id) {
  MessageStream* stream = streams_.find(stream_id);
  if (!stream || !stream->plays()) return std::nullopt;
  const bool enabled = command.value(1).boolean();
  if (std::exchange(stream->wants_video, enabled) == enabled) return std::nullopt;
  if (enabled && stream->use == MessageStream::Use::kPlaying) {
    write_status(link_, stream_id, StatusCode::kSeekNotify, "Video goes on at a keyframe.");
    write_status(link_, stream_id, StatusCode::kPlayStart, "Started playing stream.");
  }
  return ReceiveVideoChanged{stream_id, enabled};
}

ServerSession::Step ServerSession::on_get_stream_length(const Command& command, std::uint32_t) {
  // A live stream has no length.
  write_result(link_, command.transaction_id, 0.0);
  return std::nullopt;
}

ServerSession::Step ServerSession::on_courtesy(const Command& command, std::uint32_t) {
  if (command.transaction_id != 0) write_result(link_, command.transaction_id);
  return std::nullopt;
}

}  // namespace weir::media::rtmp
