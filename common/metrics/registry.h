// The metrics of a process, each declared once with its name, help and labels:
//
//   struct Metrics {
//     explicit Metrics(metrics::Registry& registry)
//         : streams(registry.gauge("weir_streams", "Streams that are published here.")),
//           errors(registry.counters("weir_protocol_errors_total", "…", {"kind"})) {}
//     prometheus::Gauge& streams;
//     metrics::Counters<1> errors;
//   };
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics/worker_counter.h"

namespace weir::metrics {

using Buckets = std::vector<double>;

// Upper bounds in seconds from 1 ms to 10 s, for what a client waits for.
extern const Buckets kLatencyBuckets;
// From 1 s to a day, for what lasts.
extern const Buckets kDurationBuckets;

template <std::size_t Labels>
using LabelNames = const char* const (&)[Labels];
template <std::size_t Labels>
using LabelValues = std::array<std::string_view, Labels>;

// Series of one name that differ in their labels. A cheap handle on what the registry owns.
template <class Metric, std::size_t Labels>
class Family {
 public:
  Family(prometheus::Family<Metric>& family, LabelNames<Labels> names) : family_(family) {
    std::copy(std::begin(names), std::end(names), names_.begin());
  }

  // The series with these values, made if new; its reference stays valid, so hot paths keep it.
  // Each value makes a series for ever: never a user, session, stream or address.
  Metric& with(const LabelValues<Labels>& values) const { return make(values); }

 protected:
  template <class... Arguments>
  Metric& make(const LabelValues<Labels>& values, const Arguments&... arguments) const {
    prometheus::Labels labels;
    for (std::size_t at = 0; at < Labels; ++at) labels.emplace(names_[at], values[at]);
    return family_.Add(labels, arguments...);
  }

 private:
  prometheus::Family<Metric>& family_;
  std::array<const char*, Labels> names_;
};

template <std::size_t Labels>
using Counters = Family<prometheus::Counter, Labels>;
template <std::size_t Labels>
using Gauges = Family<prometheus::Gauge, Labels>;

template <std::size_t Labels>
class Histograms : public Family<prometheus::Histogram, Labels> {
 public:
  Histograms(prometheus::Family<prometheus::Histogram>& family, LabelNames<Labels> names,
             Buckets buckets)
      : Family<prometheus::Histogram, Labels>(family, names), buckets_(std::move(buckets)) {}

  prometheus::Histogram& with(const LabelValues<Labels>& values) const {
    return this->make(values, buckets_);
  }

 private:
  Buckets buckets_;
};

// One value as it is when metrics are read; the labels' values are in the order of their names.
struct Sample {
  std::vector<std::string> label_values;
  double value = 0;
};

// Owned by main() and outlives whatever it handed out. Declaring is for the start of the program;
// reading is for any thread. A name declared twice throws std::invalid_argument.
class Registry {
 public:
  Registry();

  prometheus::Counter& counter(const std::string& name, const std::string& help);
  prometheus::Gauge& gauge(const std::string& name, const std::string& help);
  prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                   const Buckets& buckets);

  template <std::size_t Labels>
  Counters<Labels> counters(const std::string& name, const std::string& help,
                            LabelNames<Labels> labels) {
    return {counter_family(name, help), labels};
  }
  template <std::size_t Labels>
  Gauges<Labels> gauges(const std::string& name, const std::string& help,
                        LabelNames<Labels> labels) {
    return {gauge_family(name, help), labels};
  }
  template <std::size_t Labels>
  Histograms<Labels> histograms(const std::string& name, const std::string& help,
                                LabelNames<Labels> labels, const Buckets& buckets) {
    return {histogram_family(name, help), labels, buckets};
  }

  WorkerCounter& worker_counter(const std::string& name, const std::string& help,
                                std::size_t workers);
  // One counter for each value of one label.
  std::vector<std::reference_wrapper<WorkerCounter>> worker_counters(
      const std::string& name, const std::string& help, const std::string& label,
      const std::vector<std::string>& values, std::size_t workers);

  // Asks `read` each time metrics are read, on the reader's thread. What it refers to outlives the
  // AdminServer.
  void gauges_on_scrape(const std::string& name, const std::string& help,
                        std::vector<std::string> labels, std::function<std::vector<Sample>()> read);
  void counters_on_scrape(const std::string& name, const std::string& help,
                          std::vector<std::string> labels,
                          std::function<std::vector<Sample>()> read);

  // All metrics in the Prometheus text format.
  std::string text() const;

 private:
  struct ReadOnScrape {
    prometheus::MetricFamily head;
    std::vector<std::string> labels;
    std::function<std::vector<Sample>()> read;
  };

  void claim(const std::string& name);
  void add_on_scrape(prometheus::MetricType type, const std::string& name, const std::string& help,
                     std::vector<std::string> labels, std::function<std::vector<Sample>()> read);
  prometheus::Family<prometheus::Counter>& counter_family(const std::string& name,
                                                          const std::string& help);
  prometheus::Family<prometheus::Gauge>& gauge_family(const std::string& name,
                                                      const std::string& help);
  prometheus::Family<prometheus::Histogram>& histogram_family(const std::string& name,
                                                              const std::string& help);

  prometheus::Registry families_;
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<WorkerCounter>> worker_counters_;
  std::vector<ReadOnScrape> on_scrape_;
};

// Declares weir_build_info and the process_* metrics.
void add_build_info(Registry& registry, const std::string& service);
void add_process_metrics(Registry& registry);

}  // namespace weir::metrics
