// What the orchestrator is told when it asks how the process is.
#pragma once

#include "common/metrics/admin_server.h"
#include "media_svc/control_link/control_link.h"
#include "media_svc/instance_load.h"
#include "media_svc/worker_watch.h"

namespace weir::media {

// For any thread; all three outlive them.
metrics::Probes probes(const control_link::ControlLink& control, const InstanceLoad& load,
                       const WorkerWatch& watch);

}  // namespace weir::media
