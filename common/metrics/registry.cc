#include "common/metrics/registry.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "common/version.h"

namespace weir::metrics {

const Buckets kLatencyBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                              0.25,  0.5,    1,     2.5,  5,     10};
const Buckets kDurationBuckets{1, 10, 30, 60, 300, 1'800, 3'600, 14'400, 43'200, 86'400};

Registry::Registry() : families_(prometheus::Registry::InsertBehavior::Throw) {}

void Registry::claim(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(names_, name) != names_.end()) {
    throw std::invalid_argument("metric declared twice: " + name);
  }
  names_.push_back(name);
}

prometheus::Family<prometheus::Counter>& Registry::counter_family(const std::string& name,
                                                                  const std::string& help) {
  claim(name);
  return prometheus::BuildCounter().Name(name).Help(help).Register(families_);
}

prometheus::Family<prometheus::Gauge>& Registry::gauge_family(const std::string& name,
                                                              const std::string& help) {
  claim(name);
  return prometheus::BuildGauge().Name(name).Help(help).Register(families_);
}

prometheus::Family<prometheus::Histogram>& Registry::histogram_family(const std::string& name,
                                                                      const std::string& help) {
  claim(name);
  return prometheus::BuildHistogram().Name(name).Help(help).Register(families_);
}

prometheus::Counter& Registry::counter(const std::string& name, const std::string& help) {
  return counter_family(name, help).Add({});
}

prometheus::Gauge& Registry::gauge(const std::string& name, const std::string& help) {
  return gauge_family(name, help).Add({});
}

prometheus::Histogram& Registry::histogram(const std::string& name, const std::string& help,
                                           const Buckets& buckets) {
  return histogram_family(name, help).Add({}, buckets);
}

WorkerCounter& Registry::worker_counter(const std::string& name, const std::string& help,
                                        std::size_t workers) {
  auto owned = std::make_unique<WorkerCounter>(workers);
  WorkerCounter& counter = *owned;
  counters_on_scrape(name, help, {}, [&counter] {
    return std::vector<Sample>{{{}, static_cast<double>(counter.sum())}};
  });
  const std::lock_guard lock(mutex_);
  worker_counters_.emplace_back(std::move(owned));
  return counter;
}

std::vector<std::reference_wrapper<WorkerCounter>> Registry::worker_counters(
    const std::string& name, const std::string& help, const std::string& label,
    const std::vector<std::string>& values, std::size_t workers) {
  std::vector<std::reference_wrapper<WorkerCounter>> counters;
  counters.reserve(values.size());
  for (std::size_t at = 0; at < values.size(); ++at) {
    const std::lock_guard lock(mutex_);
    counters.emplace_back(*worker_counters_.emplace_back(std::make_unique<WorkerCounter>(workers)));
  }
  counters_on_scrape(name, help, {label}, [counters, values] {
    std::vector<Sample> samples;
    samples.reserve(values.size());
    for (std::size_t at = 0; at < values.size(); ++at) {
      samples.push_back({{values[at]}, static_cast<double>(counters[at].get().sum())});
    }
    return samples;
  });
  return counters;
}

void Registry::gauges_on_scrape(const std::string& name, const std::string& help,
                                std::vector<std::string> labels,
                                std::function<std::vector<Sample>()> read) {
  add_on_scrape(prometheus::MetricType::Gauge, name, help, std::move(labels), std::move(read));
}

void Registry::counters_on_scrape(const std::string& name, const std::string& help,
                                  std::vector<std::string> labels,
                                  std::function<std::vector<Sample>()> read) {
  add_on_scrape(prometheus::MetricType::Counter, name, help, std::move(labels), std::move(read));
}

void Registry::add_on_scrape(prometheus::MetricType type, const std::string& name,
                             const std::string& help, std::vector<std::string> labels,
                             std::function<std::vector<Sample>()> read) {
  claim(name);
  ReadOnScrape entry;
  entry.head.name = name;
  entry.head.help = help;
  entry.head.type = type;
  entry.labels = std::move(labels);
  entry.read = std::move(read);
  const std::lock_guard lock(mutex_);
  on_scrape_.push_back(std::move(entry));
}

std::string Registry::text() const {
  std::vector<prometheus::MetricFamily> families = families_.Collect();
  const std::lock_guard lock(mutex_);
  for (const ReadOnScrape& entry : on_scrape_) {
    prometheus::MetricFamily family = entry.head;
    for (Sample& sample : entry.read()) {
      prometheus::ClientMetric& metric = family.metric.emplace_back();
      for (std::size_t at = 0; at < entry.labels.size(); ++at) {
        metric.label.push_back({entry.labels[at], std::move(sample.label_values.at(at))});
      }
      metric.counter.value = sample.value;
      metric.gauge.value = sample.value;
    }
    families.push_back(std::move(family));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return std::move(text).str();
}

void add_build_info(Registry& registry, const std::string& service) {
  registry.gauges("weir_build_info", "The running program; always 1.", {"service", "version"})
      .with({service, kVersion})
      .Set(1);
}

}  // namespace weir::metrics
