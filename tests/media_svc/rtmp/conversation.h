// A server session and what a client wrote by hand says to it.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/chunk_reader.h"
#include "media_svc/rtmp/command.h"
#include "media_svc/rtmp/server_session.h"
#include "tests/media_svc/rtmp/bytes.h"
#include "tests/media_svc/rtmp/chunk_builder.h"

namespace weir::media::rtmp {

inline Bytes command_payload(std::string_view name, double transaction_id) {
  Bytes payload;
  Amf0Writer(payload).string(name).number(transaction_id);
  return payload;
}

// name(transaction, null, argument…); arguments are already AMF0.
inline Bytes command(std::string_view name, double transaction_id, const Bytes& arguments = {},
                     std::uint32_t stream_id = 0) {
  Bytes payload = command_payload(name, transaction_id);
  Amf0Writer(payload).null();
  append_to(payload, arguments);
  return message_bytes(MessageType::kCommandAmf0, payload, stream_id);
}

inline Bytes amf_string(std::string_view text) {
  Bytes out;
  Amf0Writer(out).string(text);
  return out;
}

inline Bytes amf_number(double number) {
  Bytes out;
  Amf0Writer(out).number(number);
  return out;
}

inline Bytes amf_boolean(bool value) {
  Bytes out;
  Amf0Writer(out).boolean(value);
  return out;
}

inline Bytes handshake_bytes() { return bytes(3, repeated(1536, 0), repeated(1536, 0)); }

// connect with app "live"; `more` are further properties.
inline Bytes connect(std::string_view app = "live", const Bytes& more = {}) {
  Bytes payload = command_payload("connect", 1);
  Amf0Writer writer(payload);
  writer.begin_object();
  writer.key("app").string(app);
  writer.key("tcUrl").string("rtmp://host/live");
  append_to(payload, more);
  writer.end_object();
  return message_bytes(MessageType::kCommandAmf0, payload);
}

inline Bytes publish(std::string_view name, std::uint32_t stream_id = 1) {
  return command("publish", 5, bytes(amf_string(name), amf_string("live")), stream_id);
}

inline Bytes play(std::string_view name, std::uint32_t stream_id = 1) {
  return command("play", 5, amf_string(name), stream_id);
}

// Says what a client says and keeps what it hears, each as one line.
class Conversation {
 public:
  explicit Conversation(const ServerSession::Options& options = {}) : session_(options) {}

  // Shaken hands and connected, with nothing of that kept.
  static Conversation connected(const ServerSession::Options& options = {},
                                const Bytes& properties = {}) {
    Conversation conversation(options);
    conversation.say(bytes(handshake_bytes(), connect("live", properties)));
    conversation.events();
    conversation.heard();
    return conversation;
  }

  ServerSession& session() { return session_; }

  void say(const Bytes& input) {
    session_.feed(input);
    while (const auto event = session_.next_event()) events_.push_back(describe(*event));
    collect_output();
  }

  // The events since the last call.
  std::vector<std::string> events() { return std::exchange(events_, {}); }

  // The messages that the client would have read since the last call.
  std::vector<std::string> heard() {
    collect_output();
    std::vector<std::string> lines;
    while (true) {
      auto message = reader_.next(unread_);
      if (!message || !*message) break;
      if ((*message)->type == MessageType::kSetChunkSize) {
        reader_.set_chunk_size(load_u32((*message)->payload.data()));
      }
      lines.push_back(describe(**message));
    }
    output_.clear();
    unread_ = {};
    return lines;
  }

 private:
  static std::string id(std::uint32_t stream_id) { return " " + std::to_string(stream_id); }

  static std::string describe(const ServerEvent& event) {
    struct Describer {
      std::string operator()(const HandshakeCompleted&) const { return "handshake"; }
      std::string operator()(const Connected& e) const {
        return "connected " + e.app + (e.can_reconnect ? " can reconnect" : "");
      }
      std::string operator()(const PublishRequested& e) const {
        return "publish" + id(e.stream_id) + " " + e.address.stream_id();
      }
      std::string operator()(const PlayRequested& e) const {
        return "play" + id(e.stream_id) + " " + e.address.stream_id() +
               (e.duration ? " for " + std::to_string(e.duration->count()) + " ms" : "");
      }
      std::string operator()(const MediaReceived& e) const {
        return "media" + id(e.message.stream_id) + " type " +
               std::to_string(static_cast<int>(e.message.type)) + " at " +
               std::to_string(e.message.timestamp) + ": " +
               std::to_string(e.message.payload.size());
      }
      std::string operator()(const PublishEnded& e) const {
        return "publish ended" + id(e.stream_id) + (e.completed ? " completed" : " interrupted");
      }
      std::string operator()(const PlayEnded& e) const { return "play ended" + id(e.stream_id); }
      std::string operator()(const PauseChanged& e) const {
        return (e.paused ? "paused" : "unpaused") + id(e.stream_id);
      }
      std::string operator()(const SeekRequested& e) const {
        return "seek" + id(e.stream_id) + " to " + std::to_string(e.position);
      }
      std::string operator()(const ReceiveAudioChanged& e) const {
        return std::string(e.enabled ? "audio" : "no audio") + id(e.stream_id);
      }
      std::string operator()(const ReceiveVideoChanged& e) const {
        return std::string(e.enabled ? "video" : "no video") + id(e.stream_id);
      }
      std::string operator()(const ProtocolFault& e) const {
        return "fault " + std::string(label(e.fault.error));
      }
    };
    return std::visit(Describer(), event);
  }

  static std::string describe(const Message& message) {
    const auto payload = message.payload.span();
    switch (message.type) {
      case MessageType::kCommandAmf0: {
        const auto heard = parse_command(message);
        if (!heard) return "unreadable command";
        const AmfValue* code = heard->object(1).find("code");
        return heard->name + " " + std::to_string(static_cast<int>(heard->transaction_id)) +
               id(message.stream_id) + " " +
               (code ? std::string(code->text())
                     : std::to_string(static_cast<int>(heard->value(1).number(-1))));
      }
      case MessageType::kUserControl:
        return "user control " + std::to_string(load_u16(payload.data())) + " " +
               std::to_string(load_u32(payload.data() + 2));
      case MessageType::kDataAmf0:
        return "data" + id(message.stream_id);
      default:
        return "type " + std::to_string(static_cast<int>(message.type)) + " " +
               std::to_string(load_u32(payload.data()));
    }
  }

  void collect_output() {
    const auto output = session_.output();
    const std::size_t skipped = std::min(handshake_left_, output.size());
    handshake_left_ -= skipped;
    append_to(output_, output.subspan(skipped));
    unread_ = output_;
    session_.consume_output(output.size());
  }

  ServerSession session_;
  ChunkReader reader_{Limits{}};
  std::size_t handshake_left_ = 1 + 2 * 1536;
  Bytes output_;
  std::span<const std::uint8_t> unread_;
  std::vector<std::string> events_;
};

}  // namespace weir::media::rtmp
