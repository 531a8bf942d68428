// One log line for each committed event, under the event's own name.
#pragma once

#include <span>

#include "control_svc/domain/event.h"

namespace weir::control {

// Any thread.
void write_lines(std::span<const domain::Event> events);

}  // namespace weir::control
