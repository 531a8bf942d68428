#include "common/log/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <utility>
#include <vector>

#include "common/log/repeat_limiter.h"

namespace weir::log {
namespace {

constexpr std::size_t kQueuedLines = 4096;
// Kubernetes reads at most this much of it.
constexpr std::size_t kLongestTerminationReason = 4096;
constexpr const char* kTerminationLog = "/dev/termination-log";

Format chosen(FormatChoice choice) {
  if (choice == FormatChoice::kAuto) return isatty(STDOUT_FILENO) ? Format::kText : Format::kJson;
  return choice == FormatChoice::kText ? Format::kText : Format::kJson;
}

// One thread writes, so there is nothing to lock.
class FunctionSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> write_line)
      : write_line_(std::move(write_line)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    write_line_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_line_;
};

}  // namespace

class Output::Writer {
 public:
  Writer(const Settings& settings, Identity identity, std::shared_ptr<spdlog::sinks::sink> sink)
      : level_(settings.level),
        format_(chosen(settings.format)),
        identity_(std::move(identity)),
        threads_(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)),
        logger_(std::make_shared<spdlog::async_logger>(
            "weir", std::move(sink), threads_, spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_pattern("%v");
    logger_->set_level(spdlog::level::trace);
  }

  bool wants(Level level) const { return level >= level_; }
  std::uint64_t lines_lost() const { return threads_->overrun_counter(); }

  void write(Level level, std::string_view name, std::initializer_list<Field> fields,
             std::string_view text, const std::source_location& place) {
    const Now now = clock_.now();
    tell_lost(now);
    const Event event{now.wall, level, name, text, fields, place};
    if (level == Level::kDebug || level == Level::kInfo) return put(event);

    const std::optional<std::uint64_t> left_out = passed(place, now.steady);
    if (!left_out) return;
    if (*left_out == 0) return put(event);
    std::vector<Field> with_count(fields);
    with_count.emplace_back("repeats_left_out", *left_out);
    put({now.wall, level, name, text, with_count, place});
  }

 private:
  // Among the lines themselves, so that a gap is seen where it is. The total, because this line may
  // be lost too.
  void tell_lost(const Now& now) {
    const std::uint64_t lost = lines_lost();
    const auto here = std::source_location::current();
    if (lost == lost_told_.load(std::memory_order_relaxed) || !passed(here, now.steady)) return;
    lost_told_.store(lost, std::memory_order_relaxed);
    const Field total("lines_lost", lost);
    put({now.wall,
         Level::kWarn,
         "log.lines_lost",
         "lines are written faster than they are read",
         {&total, 1},
         here});
  }
  std::optional<std::uint64_t> passed(const std::source_location& place, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    return limiter_.pass({place.file_name(), place.line()}, now);
  }
  void put(const Event& event) {
    logger_->log(spdlog::level::info, render(event, identity_, format_));
  }

  const Level level_;
  const Format format_;
  const Identity identity_;
  const SystemClock clock_;
  std::atomic<std::uint64_t> lost_told_ = 0;
  std::mutex mutex_;
  RepeatLimiter limiter_;
  // The logger holds the pool weakly; destroying the pool writes what is queued.
  std::shared_ptr<spdlog::details::thread_pool> threads_;
  std::shared_ptr<spdlog::async_logger> logger_;
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
    : Output(std::make_unique<Writer>(settings, std::move(identity),
                                      std::make_shared<spdlog::sinks::stdout_sink_st>())) {}

Output::Output(const Settings& settings, Identity identity,
               std::function<void(std::string_view line)> write_line)
    : Output(std::make_unique<Writer>(settings, std::move(identity),
                                      std::make_shared<FunctionSink>(std::move(write_line)))) {}

Output::Output(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {
  current.store(writer_.get(), std::memory_order_release);
}

Output::~Output() { current.store(nullptr, std::memory_order_release); }

std::uint64_t Output::lines_lost() const { return writer_->lines_lost(); }

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
  // Only where the runtime made it: never a file of that name on a developer's machine.
  if (access(kTerminationLog, W_OK) != 0) return;
  std::ofstream(kTerminationLog) << reason.substr(0, kLongestTerminationReason);
}

}  // namespace weir::log
