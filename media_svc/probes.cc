#include "media_svc/probes.h"

#include <optional>
#include <string>

namespace weir::media {
namespace {

constexpr const char* kStandsStill = "a worker stands still";

// Streams of the other workers go on meanwhile: first control is asked, and that they can move.
std::optional<std::string> fault(const WorkerWatch& watch) {
  if (!watch.stuck()) return std::nullopt;
  return kStandsStill;
}

// A control that is away later on changes nothing: without it running streams go on and their
// publishers may come back, but no balancer sends them to an instance that says that it is not
// ready, and some cut what runs there.
metrics::Readiness readiness(const control_link::ControlLink& control, const InstanceLoad& load,
                             const WorkerWatch& watch) {
  if (watch.stalled()) return {.ready = false, .reason = kStandsStill};
  if (!load.ready()) return {.ready = false, .reason = "shutting down"};
  if (load.cordoned()) return {.ready = false, .reason = "cordoned by an operator"};
  if (!control.introduced()) return {.ready = false, .reason = "control has not answered yet"};
  return {.ready = true, .reason = {}};
}

}  // namespace

metrics::Probes probes(const control_link::ControlLink& control, const InstanceLoad& load,
                       const WorkerWatch& watch) {
  return {.readiness = [&] { return readiness(control, load, watch); },
          .fault = [&] { return fault(watch); }};
}

}  // namespace weir::media
