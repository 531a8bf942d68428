// weir-media --request-shutdown: what an orchestrator's preStop runs beside the running process.
#pragma once

#include <string_view>

#include "common/endpoint.h"

namespace weir::media {

// POST to the admin port; the answer is the process id.
inline constexpr std::string_view kShutdownPath = "/shutdown";

// Asks the instance whose admin port this is to shut down, and waits for its process to end,
// however long its drain takes. Throws std::runtime_error where none answers.
void request_shutdown(const Endpoint& admin);

}  // namespace weir::media
