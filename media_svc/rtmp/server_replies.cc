#include "media_svc/rtmp/server_replies.h"

#include <vector>

#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/enhanced_rtmp.h"
#include "media_svc/rtmp/rendering.h"

namespace weir::media::rtmp {
namespace {

// Flash Media Server 3.5: what encoders have looked for since before this server existed.
constexpr std::string_view kServerVersion = "FMS/3,5,7,7009";
constexpr double kServerCapabilities = 31;
// Room that spares what is written the moves to more.
constexpr std::size_t kUsualReply = 256;
constexpr std::size_t kConnectedReply = 1024;

void write_command(Link& link, std::uint32_t stream_id, const std::vector<std::uint8_t>& payload) {
  link.write({MessageType::kCommandAmf0, 0, stream_id}, payload);
}

void write_status_fields(Amf0Writer& writer, StatusCode status, std::string_view description) {
  writer.key("level").string(level(status));
  writer.key("code").string(code(status));
  writer.key("description").string(description);
}

}  // namespace

void write_connected(Link& link, double transaction_id, double object_encoding,
                     std::uint32_t window) {
  link.write(MessageType::kWindowAcknowledgementSize, window);
  link.write(MessageType::kSetPeerBandwidth, window);
  link.set_output_chunk_size(kOutputChunkSize);

  std::vector<std::uint8_t> payload;
  payload.reserve(kConnectedReply);
  Amf0Writer writer(payload);
  writer.string("_result").number(transaction_id).begin_object();
  writer.key("fmsVer").string(kServerVersion);
  writer.key("capabilities").number(kServerCapabilities);
  writer.key("mode").number(1);
  // Among the properties, as the specification has it, and below in the information, where Adobe
  // Media Server put what it could do: clients look in one of the two.
  write_server_capabilities(writer);
  writer.end_object().begin_object();
  write_status_fields(writer, StatusCode::kConnectSuccess, "Connection succeeded.");
  writer.key("objectEncoding").number(object_encoding);
  write_server_capabilities(writer);
  writer.end_object();
  write_command(link, 0, payload);
}

void write_connect_refused(Link& link, double transaction_id, StatusCode status,
                           std::string_view description) {
  std::vector<std::uint8_t> payload;
  payload.reserve(kUsualReply);
  Amf0Writer writer(payload);
  writer.string("_error").number(transaction_id).null().begin_object();
  write_status_fields(writer, status, description);
  writer.end_object();
  write_command(link, 0, payload);
}

void write_result(Link& link, double transaction_id, std::optional<double> value) {
  std::vector<std::uint8_t> payload;
  payload.reserve(kUsualReply);
  Amf0Writer writer(payload);
  writer.string("_result").number(transaction_id).null();
  if (value) writer.number(*value);
  write_command(link, 0, payload);
}

void write_status(Link& link, std::uint32_t stream_id, StatusCode status,
                  std::string_view description) {
  std::vector<std::uint8_t> payload;
  payload.reserve(kUsualReply);
  Amf0Writer writer(payload);
  writer.string("onStatus").number(0).null().begin_object();
  write_status_fields(writer, status, description);
  writer.end_object();
  write_command(link, stream_id, payload);
}

void write_play_start(Link& link, std::uint32_t stream_id) {
  link.write(UserControl::kStreamBegin, stream_id);
  write_status(link, stream_id, StatusCode::kPlayReset, "Playing and resetting stream.");
  write_status(link, stream_id, StatusCode::kPlayStart, "Started playing stream.");
  // Flash players may look into samples only where the server allows it: audio, video.
  std::vector<std::uint8_t> payload;
  payload.reserve(kUsualReply);
  Amf0Writer(payload).string("|RtmpSampleAccess").boolean(true).boolean(true);
  link.write({MessageType::kDataAmf0, 0, stream_id}, payload);
}

void write_reconnect_request(Link& link, std::string_view tc_url, std::string_view description) {
  std::vector<std::uint8_t> payload;
  payload.reserve(kUsualReply);
  Amf0Writer writer(payload);
  writer.string("onStatus").number(0).null().begin_object();
  write_status_fields(writer, StatusCode::kReconnectRequest, description);
  if (!tc_url.empty()) writer.key("tcUrl").string(tc_url);
  writer.end_object();
  write_command(link, 0, payload);
}

}  // namespace weir::media::rtmp
