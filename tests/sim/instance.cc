#include "tests/sim/instance.h"

#include <fmt/format.h>

#include <utility>

namespace weir::sim {

using Kind = domain::SessionReport::Kind;

namespace {

constexpr Duration kWorkInterval{1'000};
constexpr Duration kReportInterval{2'000};
constexpr Duration kReattachWithin{10'000};
constexpr Duration kLifetimeMin{60'000};
constexpr Duration kLifetimeMax{600'000};
constexpr Duration kDrainDeadline{40'000};
constexpr Duration kLargestSkew{7'200'000};
// A new process is up after so long.
constexpr Duration kStartWithin{5'000};

// Control does not know the line, or nobody answered: it has to be made anew.
template <class Answer>
bool line_is_gone(const std::optional<domain::Outcome<Answer>>& outcome) {
  return !outcome || (!*outcome && outcome->error().reason == domain::RefusalReason::kInvalidState);
}

}  // namespace

Instance::Instance(World& world, std::string name, std::function<void(StreamWish)> come_back)
    : world_(world), name_(std::move(name)), come_back_(std::move(come_back)) {
  new_incarnation();
  world_.listen(name_, {.on_notice = [this](const auto& notice) { on_notice(notice); },
                        .on_move = [this](const auto& order) { on_move(order); },
                        .on_order = [this](const auto& order) { on_order(order); },
                        .on_closed =
                            [this](const Line& line) {
                              if (line == line_) lose_line();
                            }});
}

void Instance::new_incarnation() {
  incarnation_ = fmt::format("{}#{}", name_, ++incarnations_);
  clock_skew_ = {};
  if (world_.random().chance(0.2)) {
    clock_skew_ = world_.random().between(Duration{0}, 2 * kLargestSkew) - kLargestSkew;
  }
  numbered_ = 0;
  sending_ = false;
  line_state_ = LineState::kDown;
  line_ = {name_, incarnation_, 0};
  machine_.emplace(
      media::drain::Settings{
          .lifetime = world_.random().between(kLifetimeMin, kLifetimeMax),
          .drain_deadline = kDrainDeadline,
      },
      world_.timeline().now());
  ready_ = accepting_ = true;
}

void Instance::start() {
  world_.timeline().after(world_.random().between(Duration{0}, kWorkInterval), [this] { work(); });
  attach_later(kStartWithin);
}

void Instance::attach_later(Duration at_most) {
  world_.timeline().after(world_.random().between(Duration{0}, at_most), [this, by = incarnation_] {
    if (by == incarnation_) attach();
  });
}

void Instance::attach() {
  if (line_state_ != LineState::kDown) return;
  line_state_ = LineState::kAttaching;
  ++line_.number;
  world_.attach(line_, held(), [this, line = line_](const auto& outcome) {
    if (line != line_ || line_state_ != LineState::kAttaching) return;
    if (!outcome || !*outcome) return lose_line();
    line_state_ = LineState::kAttached;
    send_reports();
  });
}

void Instance::lose_line() {
  if (line_state_ == LineState::kDown) return;
  line_state_ = LineState::kDown;
  sending_ = false;
  attach_later(kReattachWithin);
}

std::vector<domain::HeldSession> Instance::held() const {
  std::vector<domain::HeldSession> all;
  for (const Connection& connection : connections_) {
    domain::HeldSession& held = all.emplace_back();
    held.session = connection.session;
    held.epoch = connection.epoch;
    held.admission.user_id = connection.wish.user_id;
    held.admission.stream_id = connection.wish.stream_id;
    held.admission.kind = connection.wish.kind;
    held.admission.instance_id = name_;
    held.admission.incarnation = incarnation_;
  }
  return all;
}

void Instance::beat() {
  const SteadyTime now = world_.timeline().now();
  if (line_state_ != LineState::kAttached || now - last_beat_ < kReportInterval) return;
  last_beat_ = now;
  world_.beat(line_, status(), [this, line = line_](const auto& outcome) {
    if (line == line_ && line_is_gone(outcome)) lose_line();
  });
}

domain::InstanceSighting Instance::status() const {
  domain::InstanceSighting status;
  status.ready = ready_;
  status.drain_generation = machine_->generation();
  for (const Connection& connection : connections_) {
    const bool publishes = connection.wish.kind == domain::SessionKind::kPublish;
    ++(publishes ? status.remaining_publishers : status.remaining_players);
  }
  status.load.publishers = status.remaining_publishers;
  status.load.players = status.remaining_players;
  return status;
}

void Instance::connect(const StreamWish& wish) {
  if (!accepting_) return come_back_(wish);
  domain::AdmitRequest request;
  request.user_id = wish.user_id;
  request.stream_id = wish.stream_id;
  request.kind = wish.kind;
  request.instance_id = name_;
  request.incarnation = incarnation_;
  world_.admit(name_, request, [this, wish, asked_by = incarnation_](const auto& outcome) {
    if (asked_by != incarnation_) return;
    // Refused, or unheard: the client tries again some time later, anywhere.
    if (!outcome || !*outcome) return come_back_(wish);
    admitted(wish, **outcome);
  });
}

void Instance::admitted(const StreamWish& wish, const domain::AdmitAnswer& answer) {
  if (!accepting_) come_back_(wish);
  if (!accepting_ || world_.random().chance(0.02)) {
    // Refused by now, or the client left while it waited.
    return world_.call<domain::UserSession>(
        name_, {wish.user_id, answer.session.id.str()}, "gives back " + answer.session.id.str(),
        [this, id = answer.session.id.str()](ControlNode& control, auto done) {
          control.operations().release(id, world_.timeline().clocks(), std::move(done));
        },
        [](const auto&) {});
  }
  connections_.push_back({wish, answer.session.id, answer.session.epoch, false});
  report(connections_.back(), Kind::kStarted);
}

void Instance::work() {
  beat();
  renew();
  for (std::size_t i = connections_.size(); i-- > 0;) live(connections_[i]);
  std::erase_if(connections_, [](const Connection& gone) { return gone.session.empty(); });
  look();
  world_.timeline().after(kWorkInterval, [this] { work(); });
}

// One second in the life of a connection. One that is over loses its session's name.
void Instance::live(Connection& connection) {
  Random& random = world_.random();
  if (random.chance(0.004)) {
    report(connection, Kind::kCompleted);
    connection.session = {};
  } else if (random.chance(0.01)) {
    interrupt(connection);
  } else if (!connection.silent && random.chance(0.004)) {
    report(connection, Kind::kInterrupted);
    connection.silent = true;
  } else if (connection.silent && random.chance(0.1)) {
    connection.silent = false;
  }
}

void Instance::renew() {
  if (line_state_ != LineState::kAttached) return;
  std::vector<domain::SessionId> sessions;
  for (const Connection& connection : connections_) {
    if (!connection.silent && world_.random().chance(0.25)) sessions.push_back(connection.session);
  }
  if (sessions.empty()) return;
  world_.touch_held(line_, sessions, [this, line = line_, sessions](const auto& outcome) {
    if (line.incarnation != incarnation_) return;
    if (line == line_ && line_is_gone(outcome)) return lose_line();
    if (!outcome || !*outcome) return;
    for (const domain::TouchFailure& failure : **outcome) {
      std::erase_if(connections_, [&](const Connection& connection) {
        return connection.session == sessions[failure.place];
      });
    }
  });
}

void Instance::report(const Connection& connection, Kind kind) {
  domain::SessionReport report;
  report.session = connection.session;
  report.epoch = connection.epoch;
  report.kind = kind;
  report.instance_id = name_;
  report.incarnation = incarnation_;
  report.time = world_.timeline().clocks().wall + clock_skew_;
  reports_.push_back({++numbered_, std::move(report)});
  send_reports();
}

// One after the other, each until it is heard that it was taken.
void Instance::send_reports() {
  if (sending_ || reports_.empty() || line_state_ != LineState::kAttached) return;
  sending_ = true;
  const Report& next = reports_.front();
  world_.report(line_, next.number, next.report,
                [this, number = next.number, line = line_](const auto& outcome) {
                  if (line != line_) return;
                  sending_ = false;
                  if (line_is_gone(outcome)) return lose_line();
                  const bool unavailable =
                      outcome && !*outcome &&
                      outcome->error().reason == domain::RefusalReason::kStoreUnavailable;
                  const bool taken = outcome && !unavailable;
                  if (taken && !reports_.empty() && reports_.front().number == number) {
                    reports_.pop_front();
                  }
                  send_reports();
                });
}

void Instance::on_notice(const domain::EndNotice& notice) {
  world_.note({notice.session.str()}, fmt::format("{}: told to end {} of epoch {}", name_,
                                                  notice.session.str(), notice.epoch));
  std::erase_if(connections_, [&](const Connection& connection) {
    const bool meant = notice.epoch == 0 || connection.epoch <= notice.epoch;
    return connection.session == notice.session && meant;
  });
}

void Instance::crash() {
  world_.note({name_}, fmt::format("{}: crashes", name_));
  restart();
}

void Instance::restart() {
  new_incarnation();
  attach_later(kStartWithin);
  reports_.clear();
  for (const Connection& connection : std::exchange(connections_, {})) {
    come_back_(connection.wish);
  }
}

}  // namespace weir::sim
