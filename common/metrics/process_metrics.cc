#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <sstream>

#include "common/file.h"
#include "common/metrics/registry.h"

namespace weir::metrics {
namespace {

// What the kernel says of this process; zero where it says nothing.
struct ProcessUsage {
  double threads = 0;
  double start_time_seconds = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

double boot_time() {
  const std::string stat = read_file("/proc/stat").value_or("");
  const std::size_t at = stat.find("btime ");
  return at == std::string::npos ? 0 : std::strtod(stat.c_str() + at + 6, nullptr);
}

// proc(5), /proc/pid/stat; fields are counted from 1 there.
ProcessUsage process_usage() {
  const std::string stat = read_file("/proc/self/stat").value_or("");
  // The second field is a name in parentheses that may hold anything.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  const auto skip = [&](int count) {
    while (count-- > 0) fields >> skipped;
  };
  double start_ticks = 0;
  double resident_pages = 0;
  ProcessUsage usage;
  skip(17);
  fields >> usage.threads;  // 20
  skip(1);
  fields >> start_ticks >> usage.virtual_bytes >> resident_pages;  // 22, 23, 24
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  usage.start_time_seconds = boot_time() + start_ticks / ticks_per_second;
  usage.resident_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  return usage;
}

// In microseconds, unlike the ticks of /proc.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_files() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  return static_cast<double>(std::distance(files, std::filesystem::directory_iterator()));
}

double open_files_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                         : static_cast<double>(limit.rlim_cur);
}

template <class Read>
auto one_value(Read read) {
  return [read] { return std::vector<Sample>{{{}, read()}}; };
}

}  // namespace

void add_process_metrics(Registry& registry) {
  registry.counters_on_scrape("process_cpu_seconds_total", "User and system CPU time.", {},
                              one_value(cpu_seconds));
  registry.gauges_on_scrape("process_resident_memory_bytes", "Resident memory.", {},
                            one_value([] { return process_usage().resident_bytes; }));
  registry.gauges_on_scrape("process_virtual_memory_bytes", "Virtual memory.", {},
                            one_value([] { return process_usage().virtual_bytes; }));
  registry.gauges_on_scrape("process_start_time_seconds", "Start, since the Unix epoch.", {},
                            one_value([] { return process_usage().start_time_seconds; }));
  registry.gauges_on_scrape("process_threads", "Threads.", {},
                            one_value([] { return process_usage().threads; }));
  registry.gauges_on_scrape("process_open_fds", "Open file descriptors.", {},
                            one_value(open_files));
  registry.gauges_on_scrape("process_max_fds", "Most file descriptors that may be open.", {},
                            one_value(open_files_limit));
}

}  // namespace weir::metrics
