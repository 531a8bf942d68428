// attach-load: many media instances attached to one server, and what it costs to hear them; printed
// as one line of JSON. They say what real ones say: reports, touches and events of sessions that
// they hold.
#include <grpcpp/grpcpp.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/control/channels.h"
#include "tests/bench/control/instance_line.h"
#include "tests/bench/control/load_program.h"
#include "tests/bench/control/process_cpu.h"
#include "tests/bench/control/sessions.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using weir::v1::AttachRequest;
using weir::v1::SessionService;

// One kind alone, as fast as it is heard, or all of them at the pace that control asks for.
enum class Say { kReports, kTouches, kEvents, kAll };

// How often an instance renews each of its sessions: half of the phase's default.
constexpr std::chrono::seconds kRenewal{5};
// Enough for commits to be shared.
constexpr int kAdmittingThreads = 32;

struct AttachPlan {
  std::string server;
  Say say = Say::kAll;
  std::chrono::duration<double> duration{5};
  int instances = 1'000;
  // Of each instance.
  int sessions = 20;
  // To a server that reads and forgets: of made-up sessions.
  bool bare = false;
  // The server, whose CPU time is told.
  pid_t watch = 0;
};

// What all have said while it was measured.
struct Tally {
  std::atomic<std::uint64_t> reports{0};
  std::atomic<std::uint64_t> touches{0};
  std::atomic<std::uint64_t> events{0};

  void count(const AttachRequest& message) {
    if (message.has_report()) ++reports;
    if (message.has_event()) ++events;
    touches += static_cast<std::uint64_t>(message.touches().session_ids_size());
  }
};

struct AttachOutcome {
  std::chrono::duration<double> took{};
  std::chrono::duration<double> server_cpu{};
};

// An instance with the sessions that live on it.
class SimulatedInstance {
 public:
  SimulatedInstance(const std::shared_ptr<grpc::Channel>& channel, int number)
      : line_(channel, "instance-" + std::to_string(number)), channel_(channel), number_(number) {}

  InstanceLine& line() { return line_; }

  void make_up_sessions(int count) {
    for (int i = 0; i < count; ++i) sessions_.emplace_back(26, '0');
  }

  void admit_sessions(int count) {
    const auto stub = SessionService::NewStub(channel_);
    AttachRequest here;
    report(here);
    line_.say(here);
    for (int i = 0; i < count; ++i) {
      const std::string user = "user-" + std::to_string(number_) + "-" + std::to_string(i);
      sessions_.push_back(
          admit(*stub, user, {line_.instance_id(), line_.incarnation()}).session_id);
    }
  }

  void report(AttachRequest& message) {
    message.mutable_report()->set_ready(true);
    auto& load = *message.mutable_report()->mutable_load();
    load.set_players(static_cast<std::int32_t>(sessions_.size()));
    load.set_max_players(10'000);
    load.set_cpu_utilization(0.5);
  }

  // Of so many sessions, in turns.
  void touch(AttachRequest& message, std::size_t count) {
    auto& touches = *message.mutable_touches();
    touches.clear_session_ids();
    for (std::size_t i = 0; i < count && !sessions_.empty(); ++i) {
      touches.add_session_ids(sessions_[next_touched_++ % sessions_.size()]);
    }
  }

  // The last session begins, and with the next event it is over. False when there is none left.
  bool tell_event(AttachRequest& message) {
    if (sessions_.empty()) return false;
    auto& event = *message.mutable_event();
    event.set_sequence(++last_event_);
    event.set_session_id(sessions_.back());
    event.set_kind(begun_ ? weir::v1::SESSION_EVENT_KIND_COMPLETED
                          : weir::v1::SESSION_EVENT_KIND_STARTED);
    if (begun_) sessions_.pop_back();
    begun_ = !begun_;
    return true;
  }

  std::size_t sessions() const { return sessions_.size(); }

 private:
  InstanceLine line_;
  const std::shared_ptr<grpc::Channel> channel_;
  const int number_;
  std::vector<std::string> sessions_;
  std::size_t next_touched_ = 0;
  std::int64_t last_event_ = 0;
  bool begun_ = false;
};

using Fleet = std::vector<std::unique_ptr<SimulatedInstance>>;

void admit_all(Fleet& fleet, int sessions) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto admit = [&] {
    try {
      for (std::size_t i = next++; i < fleet.size(); i = next++) fleet[i]->admit_sessions(sessions);
    } catch (const std::runtime_error& refused) {
      std::cerr << "attach-load: " << refused.what() << '\n';
      failed = true;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kAdmittingThreads; ++i) threads.emplace_back(admit);
  }
  if (failed) throw std::runtime_error("not all sessions were admitted");
}

void say_one_kind(Fleet& fleet, const AttachPlan& plan, Tally& tally) {
  const auto end =
      SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(plan.duration);
  for (const auto& instance : fleet) {
    instance->line().say_all(
        [&instance = *instance, &tally, say = plan.say, end](AttachRequest& message) {
          if (say == Say::kEvents) {
            if (!instance.tell_event(message)) return false;
          } else if (SteadyClock::now() >= end) {
            return false;
          } else if (say == Say::kReports) {
            instance.report(message);
          } else {
            instance.touch(message, instance.sessions());
          }
          tally.count(message);
          return true;
        });
  }
}

// Each instance has its turn once in an interval; their turns are spread evenly over it.
void say_all_at_pace(Fleet& fleet, const AttachPlan& plan, Tally& tally) {
  const std::chrono::duration<double> interval = fleet.front()->line().wait_for_welcome();
  const auto touched_a_turn =
      static_cast<std::size_t>(static_cast<double>(plan.sessions) * (interval / kRenewal));
  const auto turns =
      static_cast<std::size_t>(plan.duration / interval * static_cast<double>(fleet.size()));
  const auto start = SteadyClock::now();
  for (std::size_t turn = 0; turn < turns; ++turn) {
    const auto due = interval * (static_cast<double>(turn) / static_cast<double>(fleet.size()));
    std::this_thread::sleep_until(start + std::chrono::duration_cast<SteadyClock::duration>(due));
    SimulatedInstance& instance = *fleet[turn % fleet.size()];
    const auto say = [&](const AttachRequest& message) {
      tally.count(message);
      instance.line().say(message);
    };
    AttachRequest message;
    instance.report(message);
    say(message);
    instance.touch(message, touched_a_turn);
    say(message);
    if (instance.tell_event(message)) say(message);
  }
}

// Blocks until the server has read everything.
void end_all(Fleet& fleet) {
  for (const auto& instance : fleet) instance->line().finish();
  for (const auto& instance : fleet) instance->line().wait_for_end();
}

AttachOutcome measure(Fleet& fleet, const AttachPlan& plan, Tally& tally) {
  const auto cpu_before = cpu_time(plan.watch);
  const auto start = SteadyClock::now();
  if (plan.say == Say::kAll) {
    // At its pace nothing waits, so that the end of a thousand lines is not counted.
    say_all_at_pace(fleet, plan, tally);
  } else {
    say_one_kind(fleet, plan, tally);
    if (plan.say == Say::kEvents) {
      for (const auto& instance : fleet) instance->line().wait_until_taken(2 * plan.sessions);
    }
    end_all(fleet);
  }
  return {.took = SteadyClock::now() - start, .server_cpu = cpu_time(plan.watch) - cpu_before};
}

nlohmann::json run(const AttachPlan& plan) {
  const auto channels = open_channels(plan.server, plan.instances);
  const auto began = SteadyClock::now();
  Fleet fleet;
  for (int i = 0; i < plan.instances; ++i) {
    fleet.push_back(std::make_unique<SimulatedInstance>(channels[static_cast<std::size_t>(i)], i));
  }
  for (const auto& instance : fleet) instance->line().wait_for_welcome();
  const std::chrono::duration<double> attached = SteadyClock::now() - began;
  if (plan.bare) {
    for (const auto& instance : fleet) instance->make_up_sessions(plan.sessions);
  } else {
    admit_all(fleet, plan.sessions);
  }
  Tally tally;
  const AttachOutcome outcome = measure(fleet, plan, tally);
  end_all(fleet);
  const double seconds = outcome.took.count();
  return {{"attach_seconds", attached.count()},
          {"reports_per_second", static_cast<double>(tally.reports) / seconds},
          {"touches_per_second", static_cast<double>(tally.touches) / seconds},
          {"events_per_second", static_cast<double>(tally.events) / seconds},
          {"seconds", seconds},
          {"server_cpu_s", outcome.server_cpu.count()}};
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using weir::bench::Say;
  weir::bench::AttachPlan plan;
  weir::bench::LoadProgram program(
      "attach-load", "Attaches simulated media instances to weir.v1 and lets them speak",
      plan.server, plan.duration);
  CLI::App& options = program.options();
  const std::map<std::string, Say> kinds{{"reports", Say::kReports},
                                         {"touches", Say::kTouches},
                                         {"events", Say::kEvents},
                                         {"all", Say::kAll}};
  options
      .add_option("--say", plan.say,
                  "one kind as fast as it goes, events until all are taken; or all at control's "
                  "pace")
      ->transform(CLI::CheckedTransformer(kinds));
  options.add_option("--instances", plan.instances)->check(CLI::Range(1, 10'000));
  options.add_option("--sessions", plan.sessions, "of each instance")->check(CLI::Range(1, 1'000));
  options.add_flag("--bare", plan.bare, "to a server that knows no session");
  options.add_option("--watch", plan.watch, "the server's process, whose CPU time is told");
  return program.run(argc, argv, [&plan] { return weir::bench::run(plan); });
}
