// The simulated world: control, the network to it, and everybody who asks it something.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control_svc/domain/requests.h"
#include "control_svc/domain/settings.h"
#include "control_svc/domain/shutdown_rules.h"
#include "tests/sim/control_node.h"
#include "tests/sim/disk.h"
#include "tests/sim/names.h"
#include "tests/sim/oracle.h"
#include "tests/sim/random.h"
#include "tests/sim/settings.h"
#include "tests/sim/timeline.h"
#include "tests/sim/trace.h"

namespace weir::sim {

// What came back of a call: nothing if neither answer nor refusal arrived in time.
template <class Answer>
using Heard = std::function<void(std::optional<domain::Outcome<Answer>>)>;

// One Attach stream of an instance's process.
struct Line {
  std::string instance_id;
  std::string incarnation;
  std::uint64_t number = 0;

  auto operator<=>(const Line&) const = default;
};

// How an instance hears control: orders to end or move a session, to drain or to go on, and that
// its line is closed.
struct Ears {
  std::function<void(const domain::EndNotice&)> on_notice;
  std::function<void(const domain::MoveOrder&)> on_move;
  std::function<void(const domain::InstanceRecord&)> on_order;
  std::function<void(const Line&)> on_closed;
};

// Owned by main or a test; the actors belong to the simulation around it.
class World {
 public:
  explicit World(const WorldSettings& settings);
  ~World() { kill_control(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const WorldSettings& settings() const { return settings_; }
  const domain::Settings& rules() const { return rules_; }
  Timeline& timeline() { return timeline_; }
  Random& random() { return random_; }
  const Oracle& oracle() const { return oracle_; }
  Oracle& oracle() { return oracle_; }
  const Trace& trace() const { return trace_; }

  // Calls of a node to control, over a network that loses and doubles messages.
  void admit(const std::string& from, domain::AdmitRequest request,
             Heard<domain::AdmitAnswer> heard);
  void touch(const std::string& from, const domain::TouchRequest& request,
             Heard<domain::UserSession> heard);
  void touch_many(const std::string& from, std::vector<domain::SessionId> sessions,
                  Heard<std::vector<domain::TouchFailure>> heard);

  // What an instance says over its line. Anything but `attach` is refused where the line is not
  // attached: the instance has to begin anew.
  void attach(const Line& line, std::vector<domain::HeldSession> held, Heard<store::Done> heard);
  // `status`: what the instance says of itself.
  void beat(const Line& line, domain::InstanceSighting status, Heard<store::Done> heard);
  void touch_held(const Line& line, std::vector<domain::SessionId> sessions,
                  Heard<std::vector<domain::TouchFailure>> heard);
  void report(const Line& line, std::uint64_t number, domain::SessionReport report,
              Heard<domain::UserSession> heard);
  // By an instance or an operator.
  void request_shutdown(const std::string& from, const domain::ShutdownRequest& request,
                        Heard<domain::ShutdownAnswer> heard);
  // Any other call, told by its name in the trace.
  template <class Answer, class Request>
  void call(const std::string& from, std::vector<std::string> about, const std::string& what,
            const Request& request, Heard<Answer> heard) {
    note(std::move(about), from + " " + what);
    ask<Answer>(from, request, std::move(heard));
  }

  void listen(const std::string& instance, Ears ears);
  void note(std::vector<std::string> about, std::string line);

  // Mishaps.
  void restart_control();
  // Once the next claim is on disk: nothing that follows from it is done yet.
  void restart_control_after_claim() { dies_after_claim_ = true; }
  void cut_off(const std::string& node, Duration how_long);

  std::uint64_t control_restarts() const { return restarts_; }
  void check_all() {
    if (control_) oracle_.check_all(control_->records());
  }

 private:
  template <class Answer, class Request>
  void ask(const std::string& from, const Request& request, Heard<Answer> heard);
  template <class Answer, class Request>
  void ask_once(const std::string& from, const Request& request,
                const std::shared_ptr<Heard<Answer>>& waiting);
  class SendingHalf;
  void boot();
  void kill_control();
  void deliver(const domain::EndNotice& notice);
  void deliver(const domain::MoveOrder& order);
  void deliver(const domain::InstanceRecord& order);
  // Unless the network loses it: has the instance hear something a little later.
  void tell(const std::string& instance, std::function<void(const Ears&)> what);
  void closed(const Line& line);
  void hear(const Line& line);
  void take_in(const Line& line, const std::vector<domain::HeldSession>& held,
               store::Callback<store::Done> answer);
  void renew(const std::vector<domain::SessionId>& sessions, std::uint32_t holder,
             store::Callback<std::vector<domain::TouchFailure>> answer);
  bool attached(const Line& line) const { return attached_.contains(line); }
  bool lost(const std::string& node) {
    return cut_off_.contains(node) || random_.chance(settings_.loss);
  }
  Duration delay() { return random_.between(settings_.delay_min, settings_.delay_max); }
  CommitWatch watch();

  const WorldSettings settings_;
  const domain::Settings rules_;
  Timeline timeline_;
  Random random_;
  Trace trace_;
  Oracle oracle_;
  Disk disk_;
  std::unique_ptr<ControlNode> control_;
  // Answers of a control that is being killed are never sent.
  std::uint64_t life_ = 0;
  bool dies_after_claim_ = false;
  std::multiset<std::string> cut_off_;
  std::map<std::string, Ears> listeners_;
  // Lines of the present control that have said all that they hold.
  std::set<Line> attached_;
  std::uint64_t restarts_ = 0;
};

template <class Answer, class Request>
void World::ask(const std::string& from, const Request& request, Heard<Answer> heard) {
  const auto waiting = std::make_shared<Heard<Answer>>(std::move(heard));
  const int copies = random_.chance(settings_.doubled) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) ask_once(from, request, waiting);
}

template <class Answer, class Request>
void World::ask_once(const std::string& from, const Request& request,
                     const std::shared_ptr<Heard<Answer>>& waiting) {
  constexpr Duration kPatience{3'000};
  const auto tell = [waiting](std::optional<domain::Outcome<Answer>> outcome) {
    if (const auto once = std::exchange(*waiting, nullptr)) once(std::move(outcome));
  };
  timeline_.after(kPatience, [tell] { tell(std::nullopt); });
  if (lost(from)) return;
  timeline_.after(delay(), [this, from, request, tell] {
    if (!control_) return;
    request(*control_, [this, from, tell, life = life_](domain::Outcome<Answer> outcome) {
      if (life != life_ || lost(from)) return;
      timeline_.after(delay(), [tell, outcome = std::move(outcome)] { tell(outcome); });
    });
  });
}

}  // namespace weir::sim
