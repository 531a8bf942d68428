#include "common/log/log.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/log/line_queue.h"
#include "common/log/repeat_limiter.h"
#include "common/log/termination_log.h"

namespace weir::log {
namespace {

// Kubernetes reads at most this much of it.
constexpr std::size_t kLongestTerminationReason = 4096;

Format chosen(FormatChoice choice) {
  if (choice == FormatChoice::kAuto) return isatty(STDOUT_FILENO) ? Format::kText : Format::kJson;
  return choice == FormatChoice::kText ? Format::kText : Format::kJson;
}

void write_to_stdout(std::string_view lines) {
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  std::fflush(stdout);
}

// What the queue takes for a writer that is given line by line.
LineQueue::Write line_by_line(std::function<void(std::string_view)> write_line) {
  return [write_line = std::move(write_line)](std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      write_line(lines.substr(0, end));
      lines.remove_prefix(end + 1);
    }
  };
}

}  // namespace

class Output::Writer {
 public:
  Writer(const Settings& settings, Identity identity, LineQueue::Write write)
      : level_(settings.level),
        format_(chosen(settings.format)),
        identity_(std::move(identity)),
        queue_(std::move(write)) {}

  bool wants(Level level) const { return level >= level_; }
  std::uint64_t lines_lost() const { return queue_.lines_lost(); }

  void write(Level level, std::string_view name, std::initializer_list<Field> fields,
             std::string_view text, const std::source_location& place) {
    const auto wall = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    tell_lost(wall);
    const Event event{wall, level, name, text, fields, place};
    if (level == Level::kDebug || level == Level::kInfo) return put(event);

    const std::optional<std::uint64_t> left_out = passed(place);
    if (!left_out) return;
    if (*left_out == 0) return put(event);
    std::vector<Field> with_count(fields);
    with_count.emplace_back("repeats_left_out", *left_out);
    put({wall, level, name, text, with_count, place});
  }

 private:
  // Among the lines themselves, so that a gap is seen where it is. The total, because this line may
  // be lost too.
  void tell_lost(WallTime wall) {
    const std::uint64_t lost = lines_lost();
    const auto here = std::source_location::current();
    if (lost == lost_told_.load(std::memory_order_relaxed) || !passed(here)) return;
    lost_told_.store(lost, std::memory_order_relaxed);
    const Field total("lines_lost", lost);
    put({wall,
         Level::kWarn,
         "log.lines_lost",
         "lines are written faster than they are read",
         {&total, 1},
         here});
  }
  std::optional<std::uint64_t> passed(const std::source_location& place) {
    const auto now = std::chrono::floor<Duration>(std::chrono::steady_clock::now());
    const std::lock_guard lock(mutex_);
    return limiter_.pass({place.file_name(), place.line()}, now);
  }
  void put(const Event& event) { queue_.put(line_of(event, identity_, format_)); }

  const Level level_;
  const Format format_;
  const Identity identity_;
  std::atomic<std::uint64_t> lost_told_ = 0;
  std::mutex mutex_;
  RepeatLimiter limiter_;
  LineQueue queue_;
};

namespace {

// The process's output: written by Output alone, read by every line.
std::atomic<Output::Writer*> current = nullptr;

void write(Level level, std::string_view event, std::initializer_list<Field> fields,
           std::string_view text, const std::source_location& place) {
  Output::Writer* writer = current.load(std::memory_order_acquire);
  if (writer != nullptr && writer->wants(level)) writer->write(level, event, fields, text, place);
}

}  // namespace

void add_options(config::Options& options, Settings& settings) {
  options.add({"log-level", "The least important lines that are written."}, settings.level,
              {{"debug", Level::kDebug},
               {"info", Level::kInfo},
               {"warn", Level::kWarn},
               {"error", Level::kError}});
  options.add({"log-format", "The form of a line; auto is text on a terminal, json elsewhere."},
              settings.format,
              {{"auto", FormatChoice::kAuto},
               {"text", FormatChoice::kText},
               {"json", FormatChoice::kJson}});
}

Output::Output(const Settings& settings, Identity identity)
    : Output(std::make_unique<Writer>(settings, std::move(identity), write_to_stdout)) {}

Output::Output(const Settings& settings, Identity identity,
               std::function<void(std::string_view line)> write_line)
    : Output(std::make_unique<Writer>(settings, std::move(identity),
                                      line_by_line(std::move(write_line)))) {}

Output::Output(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {
  current.store(writer_.get(), std::memory_order_release);
}

Output::~Output() { current.store(nullptr, std::memory_order_release); }

std::uint64_t Output::lines_lost() const { return writer_->lines_lost(); }

bool writes(Level level) {
  const Output::Writer* writer = current.load(std::memory_order_acquire);
  return writer != nullptr && writer->wants(level);
}

void debug(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
           std::source_location place) {
  write(Level::kDebug, event, fields, text, place);
}

void info(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
          std::source_location place) {
  write(Level::kInfo, event, fields, text, place);
}

void warn(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
          std::source_location place) {
  write(Level::kWarn, event, fields, text, place);
}

void error(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
           std::source_location place) {
  write(Level::kError, event, fields, text, place);
}

void write_termination_reason(std::string_view reason) {
  write_termination_reason(reason, kTerminationLog);
}

void write_termination_reason(std::string_view reason, const std::string& path) {
  // Only where the runtime made it: never a file of that name on a developer's machine.
  if (access(path.c_str(), W_OK) != 0) return;
  std::ofstream(path) << reason.substr(0, kLongestTerminationReason);
}

}  // namespace weir::log
