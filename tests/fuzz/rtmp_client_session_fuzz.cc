// A whole client session: whatever a server answers behind its handshake.
#include <vector>

#include "media_svc/rtmp/client_session.h"
#include "media_svc/rtmp/handshake.h"

namespace weir::media::rtmp {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto role = (data[0] & 1) != 0 ? ClientSession::Role::kPublish : ClientSession::Role::kPlay;
  ClientSession session(
      {.role = role, .app = "live", .tc_url = "rtmp://h/live", .name = "n", .handshake_seed = 1});
  std::vector<std::uint8_t> input(1 + 2 * kHandshakeBytes, 0);
  input.insert(input.end(), data + 1, data + size);
  session.feed(input);
  while (session.next_event()) {
  }
  session.consume_output(session.output().size());
  return 0;
}

}  // namespace weir::media::rtmp
