// Asks a service's admin port, from another process.
#pragma once

#include <optional>
#include <string>

#include "common/endpoint.h"

namespace weir::metrics {

// Nothing when /livez there says 200 within a few seconds; else what is wrong. Blocks the calling
// thread, which is that of a short-lived process (`--healthcheck`). An unspecified address
// (0.0.0.0), as services listen on, reaches this machine.
std::optional<std::string> find_health_fault(const Endpoint& endpoint);

// All of `--healthcheck`: says on stdout what was found; returns the process's exit code.
int run_health_check(const Endpoint& endpoint);

}  // namespace weir::metrics
