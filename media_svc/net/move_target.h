// Where a client that has to go elsewhere goes, and whether it can.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "media_svc/control_link/session.h"

namespace weir::media::net {

// The tcUrl to reconnect to: the target's host, with the scheme, application and query of the
// client's own. Nothing where the target is not reached by that scheme.
std::optional<std::string> reconnect_url(std::string_view tc_url,
                                         const control_link::Route& target);

// Whether this software connects again by itself when its connection is closed: most do. ffmpeg's
// RTMP output does not (its fifo muxer does, but looks the same), nor do pipelines over librtmp.
bool reconnects_by_itself(std::string_view client_software);

}  // namespace weir::media::net
