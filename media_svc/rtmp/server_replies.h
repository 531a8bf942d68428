// What a server writes: answers to commands, statuses, the start of a play.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "media_svc/rtmp/link.h"
#include "media_svc/rtmp/status.h"

namespace weir::media::rtmp {

// Windows, chunk size, and the answer to connect with what the server can do.
void write_connected(Link& link, double transaction_id, double object_encoding,
                     std::uint32_t window);
// _error: connect is refused.
void write_connect_refused(Link& link, double transaction_id, StatusCode status,
                           std::string_view description);
// _result with null, then `value` or nothing.
void write_result(Link& link, double transaction_id, std::optional<double> value = std::nullopt);
// onStatus on a message stream.
void write_status(Link& link, std::uint32_t stream_id, StatusCode status,
                  std::string_view description);
// All that a player hears before the first media.
void write_play_start(Link& link, std::uint32_t stream_id);
// onStatus on message stream 0, with where to go.
void write_reconnect_request(Link& link, std::string_view tc_url, std::string_view description);

}  // namespace weir::media::rtmp
