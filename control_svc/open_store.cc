#include "control_svc/open_store.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "control_svc/event_lines.h"

namespace weir::control {
namespace {

std::unique_ptr<store::EmbeddedStore> open_embedded(const ControlConfig& config, const Clock& clock,
                                                    store::EventHistory& history,
                                                    ControlMetrics& metrics) {
  store::JournalObserver observer{
      .committed =
          [&metrics](std::size_t changes, std::chrono::nanoseconds took) {
            metrics.on_commit(changes, took);
            write_if_slow(changes, took);
          },
      .availability =
          [&metrics](const std::string& failure) {
            metrics.on_store_availability(failure.empty());
            if (failure.empty()) {
              log::info("store.available", {}, "the store takes changes again");
            } else {
              log::error("store.unavailable", {}, failure);
            }
          }};
  auto opened =
      store::EmbeddedStore::open({.path = config.store_path,
                                  .settings = config.session_settings(),
                                  .clock = clock,
                                  .events =
                                      [&metrics](const std::vector<domain::Event>& events) {
                                        write_lines(events);
                                        metrics.on_events(events);
                                      },
                                  .observer = std::move(observer)},
                                 history);
  if (!opened) throw std::runtime_error(opened.error().text);
  return *std::move(opened);
}

}  // namespace

SteadyTime OpenStore::hold_until() const {
  return embedded ? embedded->hold_until() : SteadyTime::min();
}

OpenStore open_store(const ControlConfig& config, const Clock& clock, store::EventHistory& history,
                     ControlMetrics& metrics) {
  OpenStore opened;
  metrics.on_store_availability(true);
  if (config.store == StoreKind::kEmbedded) {
    opened.embedded = open_embedded(config, clock, history, metrics);
    opened.timed = std::make_unique<store::TimedStore>(opened.embedded->records(),
                                                       metrics.store_observer("embedded"));
    return opened;
  }
  opened.memory =
      std::make_unique<store::MemoryStore>([&history, &metrics](std::vector<domain::Event> events) {
        write_lines(events);
        metrics.on_events(events);
        history.append(std::move(events));
      });
  opened.timed =
      std::make_unique<store::TimedStore>(*opened.memory, metrics.store_observer("memory"));
  return opened;
}

}  // namespace weir::control
