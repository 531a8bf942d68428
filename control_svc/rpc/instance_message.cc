#include "control_svc/rpc/instance_message.h"

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "control_svc/rpc/conversions.h"

namespace weir::control::rpc {
namespace {

using domain::SessionId;
using google::protobuf::io::CodedInputStream;
using weir::v1::AttachRequest;
using weir::v1::Touches;

// The tag of a field whose length comes first (Protocol Buffers, "Encoding", "Message Structure").
constexpr std::uint32_t tag_of(int field_number) {
  constexpr std::uint32_t kLengthDelimited = 2;
  return static_cast<std::uint32_t>(field_number) << 3 | kLengthDelimited;
}

// Where the bytes lie in one piece they are read in their place.
std::optional<SessionId> read_id(CodedInputStream& input) {
  constexpr int kSize = static_cast<int>(SessionId::kTextSize);
  const void* here = nullptr;
  int size = 0;
  if (input.GetDirectBufferPointer(&here, &size) && size >= kSize) {
    const std::string_view text(static_cast<const char*>(here), SessionId::kTextSize);
    const std::optional<SessionId> id = SessionId::parse(text);
    input.Skip(kSize);
    return id;
  }
  std::array<char, SessionId::kTextSize> text;
  if (!input.ReadRaw(text.data(), kSize)) return std::nullopt;
  return SessionId::parse({text.data(), text.size()});
}

}  // namespace

bool InstanceMessage::read(grpc::ByteBuffer& bytes) {
  touched_.clear();
  if (proto_ != nullptr) arena_.Reset();
  proto_ = nullptr;
  if (read_touches(bytes)) return true;

  touched_.clear();
  proto_ = google::protobuf::Arena::CreateMessage<AttachRequest>(&arena_);
  grpc::ProtoBufferReader source(&bytes);
  if (!source.status().ok() || !proto_->ParseFromZeroCopyStream(&source)) return false;
  if (proto_->has_touches()) touched_ = to_sessions(proto_->touches().session_ids());
  return true;
}

bool InstanceMessage::read_touches(grpc::ByteBuffer& bytes) {
  grpc::ProtoBufferReader source(&bytes);
  if (!source.status().ok()) return false;
  CodedInputStream input(&source);
  int size = 0;
  if (input.ReadTag() != tag_of(AttachRequest::kTouchesFieldNumber) ||
      !input.ReadVarintSizeAsInt(&size) ||
      bytes.Length() != static_cast<std::size_t>(input.CurrentPosition() + std::int64_t{size})) {
    return false;
  }
  std::uint32_t tag = 0;
  while ((tag = input.ReadTag()) == tag_of(Touches::kSessionIdsFieldNumber)) {
    if (!input.ReadVarintSizeAsInt(&size) || size != SessionId::kTextSize) return false;
    const std::optional<SessionId> id = read_id(input);
    if (!id) return false;
    touched_.push_back(*id);
  }
  return tag == 0 && input.ConsumedEntireMessage();
}

InstanceMessage::Case InstanceMessage::message_case() const {
  return proto_ != nullptr ? proto_->message_case() : AttachRequest::kTouches;
}

std::string InstanceMessage::touched_id(std::size_t place) const {
  return proto_ != nullptr ? proto_->touches().session_ids(static_cast<int>(place))
                           : touched_[place].str();
}

}  // namespace weir::control::rpc
