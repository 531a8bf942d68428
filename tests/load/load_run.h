// One run of the load program, from the first connection to the report.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tests/load/churn_crowd.h"
#include "tests/load/event_loop.h"
#include "tests/load/idle_connection.h"
#include "tests/load/meter.h"
#include "tests/load/player.h"
#include "tests/load/progress_line.h"
#include "tests/load/publisher.h"
#include "tests/load/report.h"
#include "tests/load/stage.h"

namespace weir::load {

// Publishers come first, then idle connections and those that churn; then each step brings its
// players or sends the surplus away, warms up and measures. Made and run once, on one thread.
class LoadRun {
 public:
  // `options` and `script` outlive it. Throws where the target's name has no address.
  LoadRun(const Options& options, const MediaScript& script);

  // Ends early when `interrupted` becomes true, with what was measured so far.
  Report run(const std::function<bool()>& interrupted);

 private:
  void run_step(const Step& step);
  void set_players(std::uint64_t a_stream);
  void add_players(std::uint64_t wanted);
  void remove_players(std::uint64_t wanted);
  // At the rate of the options, until `count` were made.
  void connect_each(std::uint64_t count, const std::function<void(std::uint64_t)>& connect);
  // Gives up after the timeout; who is left was not answered.
  template <class Clients>
  void wait_settled(const Clients& clients);
  void measure(Duration duration);
  void pass(Duration duration);
  bool run_until(Time deadline, const std::function<bool()>& done);
  void show_progress();
  Headcount headcount() const;

  const Options& options_;
  std::function<bool()> interrupted_;
  EventLoop loop_;
  Report report_;
  Stage stage_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<IdleConnection>> idle_;
  std::vector<std::unique_ptr<Player>> players_;
  // Stopped, but still to be closed by the server.
  std::vector<std::unique_ptr<Player>> leaving_;
  ChurnCrowd churn_;
  std::optional<ProgressLine> progress_;
};

}  // namespace weir::load
