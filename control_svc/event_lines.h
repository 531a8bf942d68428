// What control's log says of commits: one line for each committed event, under the event's own
// name, and one for a commit that took long.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "control_svc/domain/event.h"

namespace weir::control {

// Any thread.
void write_lines(std::span<const domain::Event> events);

// Callers wait for the commit under way and then for their own; from here on they feel it.
inline constexpr std::chrono::seconds kSlowCommit{1};
// A line if the commit was slow. Any thread.
void write_if_slow(std::size_t changes, std::chrono::nanoseconds took);

}  // namespace weir::control
