#include "control_svc/domain/shutdown_queue.h"

#include <algorithm>
#include <string>

namespace weir::control::domain {
namespace {

// Places lapse after so many intervals without asking.
constexpr int kIntervalsToLapse = 2;

}  // namespace

bool starved(const QueuePlace& place, const ShutdownSettings& settings, SteadyTime now) {
  return place.denials >= settings.max_denials || now >= place.starves_at;
}

std::vector<std::string_view> ahead_of(const std::vector<QueuePlace>& queue,
                                       std::string_view instance_id,
                                       const ShutdownSettings& settings, SteadyTime now) {
  const auto own = std::ranges::find(queue, instance_id, &QueuePlace::instance_id);
  const bool own_starves = own != queue.end() && starved(*own, settings, now);
  std::vector<std::string_view> ahead;
  for (auto other = queue.begin(); other != queue.end(); ++other) {
    if (other == own) continue;
    const bool starves = starved(*other, settings, now);
    const bool first = starves == own_starves ? other < own : starves;
    if (first) ahead.push_back(other->instance_id);
  }
  return ahead;
}

void take_place(std::vector<QueuePlace>& queue, std::string_view instance_id, SteadyTime starves_at,
                const ShutdownSettings& settings, SteadyTime now) {
  auto place = std::ranges::find(queue, instance_id, &QueuePlace::instance_id);
  if (place == queue.end()) {
    queue.push_back({.instance_id = std::string(instance_id),
                     .denied = now,
                     .denials = 1,
                     .starves_at = starves_at});
    place = queue.end() - 1;
  } else if (now - place->denied >= settings.retry_after) {
    place->denied = now;
    ++place->denials;
  }
  place->lapses_at = now + kIntervalsToLapse * settings.retry_after;
}

bool leave_queue(std::vector<QueuePlace>& queue, std::string_view instance_id) {
  return std::erase_if(
             queue, [&](const QueuePlace& place) { return place.instance_id == instance_id; }) > 0;
}

bool drop_lapsed(std::vector<QueuePlace>& queue, SteadyTime now) {
  return std::erase_if(queue, [now](const QueuePlace& place) { return now >= place.lapses_at; }) >
         0;
}

}  // namespace weir::control::domain
