// weir-media --request-shutdown: what an orchestrator's preStop runs beside the running process.
#pragma once

#include <string_view>

#include "common/endpoint.h"

namespace weir::media {

// POST to the admin port; it is answered when all is done.
inline constexpr std::string_view kShutdownPath = "/shutdown";

// Asks the instance whose admin port this is to shut down, and waits until it has let go of
// everything, however long its drain takes; its process ends next. Throws std::runtime_error where
// none answers.
void request_shutdown(const Endpoint& admin);

}  // namespace weir::media
