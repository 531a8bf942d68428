#include "media_svc/rtmp/command.h"

#include <utility>

#include "media_svc/rtmp/amf0.h"

namespace weir::media::rtmp {
namespace {

// As many as publish and play have.
constexpr std::size_t kUsualValues = 3;

}  // namespace

const AmfValue& Command::value(std::size_t index) const {
  static const AmfValue kUndefined;
  return index < values.size() ? values[index] : kUndefined;
}

const AmfObject& Command::object(std::size_t index) const {
  static const AmfObject kEmpty;
  const AmfObject* object = value(index).object();
  return object ? *object : kEmpty;
}

Outcome<Command> parse_command(const Message& message, const Limits& limits) {
  if (message.payload.size() > limits.command_bytes) {
    return Fault{Error::kCommandTooLarge, "command is too large"};
  }
  AmfInput input(message.payload, limits.amf_depth);
  // Section 7.1.1: an AMF3 command is an AMF0 one behind a zero byte, its values may switch to
  // AMF3.
  if (message.type == MessageType::kCommandAmf3 && !input.at_end() && input.rest()[0] == 0) {
    input.skip(1);
  }
  Command command;
  command.values.reserve(kUsualValues);
  const auto name = read_amf0(input);
  if (!name) return name.error();
  const auto* text = name->get_if<std::string>();
  if (!text) return Fault{Error::kCommand, "command has no name"};
  command.name = *text;

  for (bool first = true; !input.at_end(); first = false) {
    auto value = read_amf0(input);
    if (!value) {
      if (value.error().error == Error::kAmfDepth) return value.error();
      break;
    }
    if (first) {
      command.transaction_id = value->number();
    } else {
      command.values.push_back(std::move(*value));
    }
  }
  return command;
}

}  // namespace weir::media::rtmp
