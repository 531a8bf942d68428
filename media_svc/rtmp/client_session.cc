#include "media_svc/rtmp/client_session.h"

#include <limits>
#include <utility>
#include <vector>

#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/enhanced_rtmp.h"
#include "media_svc/rtmp/random_seed.h"

namespace weir::media::rtmp {
namespace {

constexpr std::uint32_t kWindow = 5'000'000;
// What publishers call themselves so that servers let them publish: Flash Media Live Encoder.
constexpr std::string_view kPublisherSoftware = "FMLE/3.0 (compatible; Weir)";
constexpr std::string_view kPlayerSoftware = "LNX 9,0,124,2";

// Answers are told apart by the transaction that they name.
constexpr double kConnectTransaction = 1;
constexpr double kReleaseTransaction = 2;
constexpr double kFcPublishTransaction = 3;
constexpr double kCreateTransaction = 4;
constexpr double kStartTransaction = 5;

// Own media waits in the output as long as its owner lets it.
Limits with_unbounded_output(Limits limits) {
  limits.output_bytes = std::numeric_limits<std::size_t>::max();
  return limits;
}

}  // namespace

ClientSession::ClientSession(Options options)
    : options_(std::move(options)), link_(with_unbounded_output(options_.limits), kWindow) {
  handshake_.emplace(options_.digest, options_.handshake_seed.value_or(random_seed()),
                     link_.output_buffer());
}

void ClientSession::feed(std::span<const std::uint8_t> bytes) {
  if (!ended_) link_.feed(bytes);
}

std::optional<ClientEvent> ClientSession::next_event() {
  if (ended_) return std::nullopt;
  auto event = step();
  if (event) return std::move(*event);
  ended_ = true;
  return ClientFault{std::move(event).error()};
}

// Goes on until there is an event or the input is used up.
ClientSession::Step ClientSession::step() {
  if (handshake_) {
    const auto done = handshake_->next(link_.input(), link_.output_buffer());
    if (!done) return done.error();
    if (!*done) return std::nullopt;
    handshake_.reset();
    send_connect();
  }
  return link_.next_event<ClientEvent>(
      [this](Message message) { return on_message(std::move(message)); });
}

ClientSession::Step ClientSession::on_message(Message message) {
  switch (message.type) {
    case MessageType::kAudio:
    case MessageType::kVideo:
    case MessageType::kDataAmf0:
    case MessageType::kDataAmf3:
      return ClientMedia{std::move(message)};
    case MessageType::kCommandAmf0:
    case MessageType::kCommandAmf3:
      return on_command(message);
    default:
      return std::nullopt;
  }
}

ClientSession::Step ClientSession::on_command(const Message& message) {
  const auto command = parse_command(message, options_.limits);
  if (!command) return command.error();
  if (command->name == "_result") return on_result(*command);
  if (command->name == "onStatus") return on_status(*command);
  const bool matters = command->transaction_id == kConnectTransaction ||
                       command->transaction_id == kCreateTransaction;
  if (command->name == "_error" && matters) {
    const AmfObject& reason = command->object(1);
    return ClientRefused{reason.text("code"), reason.text("description")};
  }
  return std::nullopt;
}

ClientSession::Step ClientSession::on_result(const Command& command) {
  if (command.transaction_id == kConnectTransaction) {
    link_.set_output_chunk_size(options_.chunk_size);
    send_create_stream();
    return ClientConnected{};
  }
  if (command.transaction_id == kCreateTransaction) {
    const double id = command.value(1).number();
    if (!(id >= 1 && id <= 0xFFFF'FFFF)) {
      return Fault{Error::kCommand, "createStream was answered without a stream"};
    }
    stream_id_ = static_cast<std::uint32_t>(id);
    send_start();
  }
  return std::nullopt;
}

ClientSession::Step ClientSession::on_status(const Command& command) {
  const AmfObject& status = command.object(1);
  const std::string code = status.text("code");
  const std::string description = status.text("description");
  if (code == "NetConnection.Connect.ReconnectRequest") {
    return ClientReconnectRequested{status.text("tcUrl"), description};
  }
  if (status.text("level") == "error") return ClientRefused{code, description};
  if (code == "NetStream.Publish.Start" || code == "NetStream.Play.Start") {
    return ClientStarted{};
  }
  return ClientNotified{code, description};
}

void ClientSession::send_connect() {
  const bool publishes = options_.role == Role::kPublish;
  std::vector<std::uint8_t> payload;
  Amf0Writer writer(payload);
  writer.string("connect").number(kConnectTransaction).begin_object();
  writer.key("app").string(options_.app);
  if (publishes) writer.key("type").string("nonprivate");
  writer.key("flashVer").string(publishes ? kPublisherSoftware : kPlayerSoftware);
  writer.key("tcUrl").string(options_.tc_url);
  writer.key("objectEncoding").number(0);
  if (options_.can_reconnect) writer.key("capsEx").number(kCapsReconnect);
  writer.end_object();
  link_.write({MessageType::kCommandAmf0, 0, 0}, payload);
}

void ClientSession::send_create_stream() {
  if (options_.role == Role::kPublish) {
    send_named("releaseStream", kReleaseTransaction);
    send_named("FCPublish", kFcPublishTransaction);
  }
  std::vector<std::uint8_t> payload;
  Amf0Writer(payload).string("createStream").number(kCreateTransaction).null();
  link_.write({MessageType::kCommandAmf0, 0, 0}, payload);
}

void ClientSession::send_start() {
  const bool publishes = options_.role == Role::kPublish;
  std::vector<std::uint8_t> payload;
  Amf0Writer writer(payload);
  writer.string(publishes ? "publish" : "play").number(kStartTransaction).null();
  writer.string(options_.name);
  if (publishes) writer.string("live");
  link_.write({MessageType::kCommandAmf0, 0, stream_id_}, payload);
}

void ClientSession::send_named(std::string_view command, double transaction_id) {
  std::vector<std::uint8_t> payload;
  Amf0Writer(payload).string(command).number(transaction_id).null().string(options_.name);
  link_.write({MessageType::kCommandAmf0, 0, 0}, payload);
}

void ClientSession::send_media(const Message& message) {
  link_.write({message.type, message.timestamp, stream_id_}, message.payload);
}

void ClientSession::stop() {
  if (stream_id_ == 0) return;
  if (options_.role == Role::kPublish) send_named("FCUnpublish", 0);
  std::vector<std::uint8_t> payload;
  Amf0Writer(payload).string("deleteStream").number(0).null().number(stream_id_);
  link_.write({MessageType::kCommandAmf0, 0, 0}, payload);
  stream_id_ = 0;
}

}  // namespace weir::media::rtmp
