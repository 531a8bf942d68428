// Why the process ends, for an orchestrator that wants it elsewhere than Kubernetes does.
#pragma once

#include <string>
#include <string_view>

namespace weir::log {

inline constexpr const char* kTerminationLog = "/dev/termination-log";

// Written to `path` where that exists already.
void write_termination_reason(std::string_view reason, const std::string& path);

}  // namespace weir::log
