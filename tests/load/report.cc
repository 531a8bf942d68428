#include "tests/load/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace weir::load {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::nanoseconds;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }
double milliseconds(nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double gigabytes(const StepReport& step) {
  return static_cast<double>(step.window.bytes_received + step.window.bytes_sent) / 1e9;
}

// Nothing moved: no cost of moving it.
double cpu_a_gigabyte(const StepReport& step, nanoseconds cpu) {
  const double moved = gigabytes(step);
  return moved > 0 ? seconds(cpu) / moved : 0;
}

Json to_json(const Histogram& histogram) {
  return {{"count", histogram.count()},
          {"p50_ms", milliseconds(histogram.percentile(0.5))},
          {"p99_ms", milliseconds(histogram.percentile(0.99))},
          {"max_ms", milliseconds(histogram.max())}};
}

Json to_json(const StepReport& step) {
  Json watched = Json::array();
  for (const WatchedProcess& process : step.watched) {
    watched.push_back({{"pid", process.process},
                       {"cpu_s", seconds(process.cpu)},
                       {"cpu_s_per_gb", cpu_a_gigabyte(step, process.cpu)},
                       {"resident_bytes", process.resident_bytes}});
  }
  return {{"publishers", step.publishers},
          {"players", step.players},
          {"duration_s", seconds(step.duration)},
          {"bytes_received", step.window.bytes_received},
          {"bytes_sent", step.window.bytes_sent},
          {"frames_sent", step.window.frames_sent},
          {"frames_dropped", step.window.frames_dropped},
          {"delay", to_json(step.window.delay)},
          {"churned", step.window.churned},
          {"lost", step.window.lost},
          {"load_cpu_s", seconds(step.own_cpu)},
          {"load_cpu_share", seconds(step.own_cpu) / std::max(1e-9, seconds(step.duration))},
          {"watched", std::move(watched)}};
}

std::string line(std::string_view name, const Histogram& histogram) {
  if (histogram.count() == 0) return {};
  return fmt::format("{:<26}p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms, of {}\n", name,
                     milliseconds(histogram.percentile(0.5)),
                     milliseconds(histogram.percentile(0.99)), milliseconds(histogram.max()),
                     histogram.count());
}

std::string to_text(const StepReport& step) {
  const double length = std::max(1e-9, seconds(step.duration));
  const Window& window = step.window;
  std::string text =
      fmt::format("\n{} publishers, {} players, {:.1f} s\n", step.publishers, step.players, length);
  text += fmt::format("  {:<24}{:.1f} MB/s in, {:.1f} MB/s out, {} frames sent, {} dropped\n",
                      "moved", static_cast<double>(window.bytes_received) / 1e6 / length,
                      static_cast<double>(window.bytes_sent) / 1e6 / length, window.frames_sent,
                      window.frames_dropped);
  if (const std::string delay = line("delay in → out", window.delay); !delay.empty()) {
    text += "  " + delay;
  }
  if (window.churned > 0) {
    text += fmt::format("  {:<24}{} ({:.0f}/s)\n", "came and went", window.churned,
                        static_cast<double>(window.churned) / length);
  }
  if (window.lost > 0) text += fmt::format("  {:<24}{}\n", "connections lost", window.lost);
  text += fmt::format("  {:<24}{:.2f} s ({:.0f}% of a core)\n", "CPU of this program",
                      seconds(step.own_cpu), 100 * seconds(step.own_cpu) / length);
  for (const WatchedProcess& process : step.watched) {
    text += fmt::format("  {:<24}{:.2f} s ({:.0f}% of a core, {:.3f} s/GB), {:.1f} MB resident\n",
                        fmt::format("CPU of process {}", process.process), seconds(process.cpu),
                        100 * seconds(process.cpu) / length, cpu_a_gigabyte(step, process.cpu),
                        static_cast<double>(process.resident_bytes) / 1e6);
  }
  return text;
}

}  // namespace

bool Report::is_clean() const {
  return unanswered == 0 && meter.lost == 0 && meter.refusals.empty();
}

std::string to_text(const Report& report) {
  std::string text = report.target + "\n";
  text += line("connect → Publish.Start", report.meter.publish_start);
  text += line("connect → Play.Start", report.meter.play_start);
  text += line("connect → first frame", report.meter.first_frame);
  text += line("gap of a move", report.meter.move_gap);
  if (report.meter.first_frame.count() > 0) {
    text += fmt::format("{:<26}{} at a keyframe, {} elsewhere\n", "players joined",
                        report.meter.joined_at_keyframe, report.meter.joined_elsewhere);
  }
  for (const auto& [code, count] : report.meter.refusals) {
    text += fmt::format("{:<26}{} × {}\n", "refused", count, code);
  }
  for (const auto& [why, count] : report.meter.losses) {
    text += fmt::format("{:<26}{} × {}\n", "lost", count, why);
  }
  if (report.unanswered > 0) text += fmt::format("{:<26}{}\n", "unanswered", report.unanswered);
  for (const StepReport& step : report.steps) text += to_text(step);
  return text;
}

std::string to_json(const Report& report) {
  Json steps = Json::array();
  for (const StepReport& step : report.steps) steps.push_back(to_json(step));
  const Json json{{"target", report.target},
                  {"publish_start", to_json(report.meter.publish_start)},
                  {"play_start", to_json(report.meter.play_start)},
                  {"first_frame", to_json(report.meter.first_frame)},
                  {"move_gap", to_json(report.meter.move_gap)},
                  {"joined_at_keyframe", report.meter.joined_at_keyframe},
                  {"joined_elsewhere", report.meter.joined_elsewhere},
                  {"refusals", report.meter.refusals},
                  {"losses", report.meter.losses},
                  {"unanswered", report.unanswered},
                  {"steps", std::move(steps)}};
  return json.dump(2) + "\n";
}

}  // namespace weir::load
