#include "tests/load/stage.h"

#include <limits>
#include <utility>

namespace weir::load {

std::optional<media::rtmp::ClientSession::Options> Stage::new_session(
    media::rtmp::ClientSession::Role role, std::uint64_t stream) {
  const std::uint64_t client = next_client++;
  if (options.raw) return std::nullopt;
  StreamUrl url = options.target.url(stream, client);
  media::rtmp::ClientSession::Options session;
  session.role = role;
  session.app = std::move(url.app);
  session.tc_url = std::move(url.tc_url);
  session.name = std::move(url.name);
  session.chunk_size = options.chunk_size;
  session.digest = options.digest;
  // The server is trusted with whatever it sends, and a publisher may run ahead of it.
  session.limits.output_bytes = std::numeric_limits<std::size_t>::max();
  session.limits.media_messages = std::numeric_limits<std::uint32_t>::max();
  return session;
}

}  // namespace weir::load
