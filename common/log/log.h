// What happens, one line an event:
//
//   log::info("session.admitted", {{"session_id", id}, {"epoch", epoch}}, "session admitted");
//
// The event's name is fixed and documented; the text is for people. Never pass a stream key, a
// token or a query string.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string_view>

#include "common/config/options.h"
#include "common/log/line.h"

namespace weir::log {

// kAuto is text on a terminal and JSON elsewhere.
enum class FormatChoice { kAuto, kText, kJson };

struct Settings {
  Level level = Level::kInfo;
  FormatChoice format = FormatChoice::kAuto;
};

// Declares --log-level and --log-format.
void add_options(config::Options& options, Settings& settings);

// Where the process's lines go, from its construction to its destruction, which writes what is
// still queued. One at a time, made by main() before any thread that logs and destroyed after them;
// without one, lines are dropped. Lines are written by a thread of their own, some milliseconds
// later. When that thread cannot keep up, the newest lines are lost, and a line "log.lines_lost"
// tells how many so far: a blocked stdout never stops a stream.
class Output {
 public:
  // To stdout.
  Output(const Settings& settings, Identity identity);
  // To a function that is given line by line, on the writing thread.
  Output(const Settings& settings, Identity identity,
         std::function<void(std::string_view line)> write_line);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  // Lines lost because nobody read them fast enough. Any thread.
  std::uint64_t lines_lost() const;

  class Writer;

 private:
  explicit Output(std::unique_ptr<Writer> writer);

  std::unique_ptr<Writer> writer_;
};

// Whether lines of this level are written: for what takes work to say. Any thread.
bool writes(Level level);

// From any thread. Info lines are all written; repeats of one warning or error are limited to some
// a second, and the next one tells how many were left out (`repeats_left_out`).
void debug(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
           std::source_location place = std::source_location::current());
void info(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
          std::source_location place = std::source_location::current());
void warn(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
          std::source_location place = std::source_location::current());
void error(std::string_view event, std::initializer_list<Field> fields, std::string_view text,
           std::source_location place = std::source_location::current());

// Why the process ends, for Kubernetes: written to /dev/termination-log where that exists.
void write_termination_reason(std::string_view reason);

}  // namespace weir::log
