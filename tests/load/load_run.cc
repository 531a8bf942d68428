#include "tests/load/load_run.h"

#include <unistd.h>

#include <algorithm>
#include <ranges>

namespace weir::load {
namespace {

using std::chrono::steady_clock;

std::vector<WatchedProcess> usage_of_all(const std::vector<pid_t>& processes) {
  std::vector<WatchedProcess> all;
  for (const pid_t process : processes) {
    const ProcessUsage usage = usage_of(process).value_or(ProcessUsage{});
    all.push_back({process, usage.cpu, usage.resident_bytes});
  }
  return all;
}

}  // namespace

LoadRun::LoadRun(const Options& options, const MediaScript& script)
    : options_(options),
      stage_{.options = options,
             .script = script,
             .address = resolve(options.target.host, options.target.port),
             .loop = loop_,
             .meter = report_.meter},
      churn_(stage_) {
  const StreamUrl url = options.target.url(0, 0);
  report_.target = url.tc_url + "/" + url.name.substr(0, url.name.find('?'));
}

Report LoadRun::run(const std::function<bool()>& interrupted) {
  interrupted_ = interrupted;
  if (options_.progress) show_progress();

  connect_each(options_.publishers, [this](std::uint64_t stream) {
    publishers_.push_back(std::make_unique<Publisher>(stage_, stream));
  });
  wait_settled(publishers_);
  connect_each(options_.idle, [this](std::uint64_t) {
    idle_.push_back(std::make_unique<IdleConnection>(stage_));
  });
  wait_settled(idle_);
  churn_.start();
  for (const Step& step : options_.steps) {
    if (!interrupted_()) run_step(step);
  }

  churn_.stop();
  set_players(0);
  for (const auto& publisher : publishers_) publisher->stop();
  run_until(steady_clock::now() + options_.timeout, [this] {
    return churn_.open() == 0 && leaving_.empty() &&
           std::ranges::none_of(publishers_, [](const auto& one) { return one->is_open(); });
  });
  return std::move(report_);
}

void LoadRun::run_step(const Step& step) {
  const std::size_t before = players_.size();
  set_players(step.players);
  wait_settled(players_ | std::views::drop(before));
  pass(options_.warm_up);
  measure(step.duration);
}

void LoadRun::set_players(std::uint64_t a_stream) {
  const std::uint64_t wanted = a_stream * options_.stream_count();
  if (wanted > players_.size()) add_players(wanted);
  if (wanted < players_.size()) remove_players(wanted);
}

void LoadRun::add_players(std::uint64_t wanted) {
  const std::uint64_t fresh = wanted - players_.size();
  // Spread over all that come now, since a server serves its players in some order.
  const std::uint64_t every =
      options_.measure == 0 ? fresh + 1 : std::max<std::uint64_t>(1, fresh / options_.measure);
  connect_each(fresh, [this, every](std::uint64_t i) {
    const bool measures = i % every == every / 2;
    const std::uint64_t stream = players_.size() % options_.stream_count();
    players_.push_back(std::make_unique<Player>(stage_, stream, measures));
  });
}

void LoadRun::remove_players(std::uint64_t wanted) {
  while (players_.size() > wanted) {
    players_.back()->stop();
    leaving_.push_back(std::move(players_.back()));
    players_.pop_back();
  }
}

void LoadRun::connect_each(std::uint64_t count, const std::function<void(std::uint64_t)>& connect) {
  const Time began = steady_clock::now();
  const std::chrono::duration<double> spacing(1.0 / static_cast<double>(options_.connect_rate));
  for (std::uint64_t i = 0; i < count && !interrupted_(); ++i) {
    const auto after = std::chrono::duration_cast<Time::duration>(spacing * static_cast<double>(i));
    run_until(began + after, [] { return false; });
    connect(i);
  }
}

template <class Clients>
void LoadRun::wait_settled(const Clients& clients) {
  const auto settled = [](const auto& client) { return client->is_settled(); };
  run_until(steady_clock::now() + options_.timeout,
            [&] { return std::ranges::all_of(clients, settled); });
  report_.unanswered +=
      clients.size() - static_cast<std::uint64_t>(std::ranges::count_if(clients, settled));
}

void LoadRun::measure(Duration duration) {
  report_.meter.window = {};
  const Time began = steady_clock::now();
  const auto own = usage_of(getpid()).value_or(ProcessUsage{});
  const auto before = usage_of_all(options_.watched);
  pass(duration);

  StepReport step{.publishers = publishers_.size(),
                  .players = players_.size(),
                  .duration = steady_clock::now() - began,
                  .window = report_.meter.window,
                  .own_cpu = usage_of(getpid()).value_or(own).cpu - own.cpu,
                  .watched = usage_of_all(options_.watched)};
  for (std::size_t i = 0; i < before.size(); ++i) step.watched[i].cpu -= before[i].cpu;
  report_.steps.push_back(std::move(step));
}

void LoadRun::pass(Duration duration) {
  run_until(steady_clock::now() + duration, [] { return false; });
}

bool LoadRun::run_until(Time deadline, const std::function<bool()>& done) {
  return loop_.run_until(deadline, [this, &done] {
    std::erase_if(leaving_, [](const auto& player) { return !player->is_open(); });
    return interrupted_() || done();
  });
}

void LoadRun::show_progress() {
  if (!progress_) progress_.emplace();
  const Time now = steady_clock::now();
  progress_->show(now, headcount(), report_.meter);
  loop_.at(now + std::chrono::seconds(1), [this] { show_progress(); });
}

Headcount LoadRun::headcount() const {
  const auto open = [](const auto& player) { return player->is_open(); };
  return {.publishers = publishers_.size(),
          .players = static_cast<std::uint64_t>(std::ranges::count_if(players_, open)),
          .others = idle_.size() + churn_.open()};
}

}  // namespace weir::load
