// How the hub reaches the process's workers. It knows them by number; their owner does the rest.
#pragma once

#include <cstdint>
#include <functional>

namespace weir::media::hub {

using WorkerId = std::uint32_t;

// Runs `work` on a worker's thread, later, in the order of the calls. Called from any worker.
using Post = std::function<void(WorkerId worker, std::function<void()> work)>;

}  // namespace weir::media::hub
