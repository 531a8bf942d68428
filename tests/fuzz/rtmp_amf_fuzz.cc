// The AMF decoders and the messages made of AMF values.
#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/amf3.h"
#include "media_svc/rtmp/command.h"
#include "media_svc/rtmp/data_message.h"
#include "media_svc/rtmp/stream_address.h"

namespace weir::media::rtmp {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  AmfInput amf0(input);
  while (!amf0.at_end() && read_amf0(amf0)) {
  }
  AmfInput amf3(input);
  while (!amf3.at_end() && read_amf3(amf3)) {
  }
  const auto payload = SharedBytes::copy_of(input);
  for (const auto type : {MessageType::kCommandAmf0, MessageType::kCommandAmf3}) {
    if (const auto command = parse_command({type, 0, 0, payload})) {
      const auto address = parse_stream_address("", "live", command->value(1).text());
      if (address && address->stream_id().size() > 256) __builtin_trap();
    }
  }
  for (const auto type : {MessageType::kDataAmf0, MessageType::kDataAmf3}) {
    to_player_data({type, 0, 0, payload});
  }
  return 0;
}

}  // namespace weir::media::rtmp
