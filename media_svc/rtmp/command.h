// Commands: remote calls with a name, a transaction and arguments (Adobe RTMP 1.0, section 7.2).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media_svc/rtmp/amf_value.h"
#include "media_svc/rtmp/error.h"
#include "media_svc/rtmp/limits.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

struct Command {
  std::string name;
  // 0: no answer is wanted.
  double transaction_id = 0;
  // The command object, usually null; then the command's own arguments.
  std::vector<AmfValue> values;

  // The object properties of the command object or an argument; empty if it is none.
  const AmfObject& object(std::size_t index) const;
  // Undefined if there is no such value. Index 0 is the command object.
  const AmfValue& value(std::size_t index) const;
};

// Reads a message of type command, AMF0 or AMF3. Arguments that are cut short or of unknown kind
// end the list: some encoders send such behind what matters.
Outcome<Command> parse_command(const Message& message, const Limits& limits = {});

}  // namespace weir::media::rtmp
