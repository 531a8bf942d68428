// What instances say over their lines: the order of messages that Attach keeps to.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "tests/sim/world.h"

namespace weir::sim {
namespace {

domain::InstanceHello hello_of(const Line& line) {
  domain::InstanceHello hello;
  hello.instance_id = line.instance_id;
  hello.incarnation = line.incarnation;
  hello.route.instance_id = line.instance_id;
  hello.route.rtmp_url = "rtmp://" + line.instance_id;
  return hello;
}

domain::Refusal not_attached() {
  return domain::refuse(domain::RefusalReason::kInvalidState, "Hello and HeldSessions come first");
}

bool is_settled(const domain::Refusal& refusal) {
  return refusal.reason != domain::RefusalReason::kStoreUnavailable;
}

}  // namespace

// Control's end of a line.
class World::SendingHalf final : public rpc::InstanceLine {
 public:
  SendingHalf(World& world, Line line) : world_(world), line_(std::move(line)) {}
  void end_session(const domain::EndNotice& notice) override { world_.deliver(notice); }
  void order(const domain::InstanceRecord& instance) override { world_.deliver(instance); }
  void move(const domain::MoveOrder& order) override { world_.deliver(order); }
  void close(CloseReason) override { world_.closed(line_); }

 private:
  World& world_;
  const Line line_;
};

void World::hear(const Line& line) {
  control_->lines().heard(line.instance_id, line.incarnation, timeline_.now());
  oracle_.instance_heard(line.instance_id, line.incarnation);
}

void World::attach(const Line& line, std::vector<domain::HeldSession> held,
                   Heard<store::Done> heard) {
  note({line.instance_id},
       fmt::format("{} says hello and holds {} sessions", line.incarnation, held.size()));
  ask_once<store::Done>(
      line.instance_id,
      [this, line, held = std::move(held)](ControlNode& control,
                                           store::Callback<store::Done> answer) {
        control.fleet().greet(
            hello_of(line), [this, line, held, life = life_, answer = std::move(answer)](
                                const domain::Outcome<domain::ReportRhythm>& greeted) {
              if (life != life_) return;
              if (!greeted) return answer(greeted.error());
              control_->lines().attach(hello_of(line), std::make_shared<SendingHalf>(*this, line),
                                       greeted->interval, timeline_.now());
              oracle_.instance_heard(line.instance_id, line.incarnation);
              take_in(line, held, answer);
            });
      },
      std::make_shared<Heard<store::Done>>(std::move(heard)));
}

void World::take_in(const Line& line, const std::vector<domain::HeldSession>& held,
                    store::Callback<store::Done> answer) {
  struct Progress {
    // One for this function itself.
    std::size_t pending = 1;
    bool failed = false;
  };
  const auto progress = std::make_shared<Progress>();
  const auto finish_one = [this, line, progress, life = life_, answer = std::move(answer)] {
    if (--progress->pending > 0 || life != life_) return;
    if (progress->failed) return answer(store::store_unavailable());
    control_->fleet().take_in(
        hello_of(line), timeline_.clocks(),
        [this, line, life, answer](const domain::Outcome<domain::InstanceSnapshot>& taken) {
          if (!taken) return answer(taken.error());
          if (life == life_) {
            attached_.insert(line);
            deliver(**taken);
            control_->mover().begin_again(line.instance_id);
          }
          answer(store::Done{});
        });
  };
  for (const domain::HeldSession& session : held) {
    ++progress->pending;
    oracle_.held_asserted(session.session.str());
    control_->operations().assert_held(
        session, timeline_.clocks(),
        [this, line, session, progress, finish_one,
         life = life_](const domain::Outcome<domain::AdmitAnswer>& outcome) {
          if (life == life_ && !outcome) {
            progress->failed = progress->failed || !is_settled(outcome.error());
            note({session.session.str(), session.admission.user_id},
                 fmt::format("control: {} does not hold {} any more", line.instance_id,
                             session.session.str()));
            if (is_settled(outcome.error())) {
              deliver({domain::Text(line.instance_id),
                       session.session,
                       session.epoch,
                       outcome.error().end_reason,
                       {}});
            }
          }
          finish_one();
        });
  }
  finish_one();
}

void World::beat(const Line& line, domain::InstanceSighting status, Heard<store::Done> heard) {
  ask<store::Done>(
      line.instance_id,
      [this, line, status = std::move(status)](ControlNode& control,
                                               const store::Callback<store::Done>& answer) {
        if (!attached(line)) return answer(not_attached());
        hear(line);
        domain::InstanceSighting report = status;
        report.instance_id = line.instance_id;
        report.incarnation = line.incarnation;
        report.heard = timeline_.now();
        control.lines().reported(report);
        answer(store::Done{});
      },
      std::move(heard));
}

void World::request_shutdown(const std::string& from, const domain::ShutdownRequest& request,
                             Heard<domain::ShutdownAnswer> heard) {
  note({request.instance_id}, fmt::format("{} asks: may {} shut down, cause {}", from,
                                          request.instance_id, static_cast<int>(request.cause)));
  ask<domain::ShutdownAnswer>(
      from,
      [this, request](ControlNode& control, store::Callback<domain::ShutdownAnswer> answer) {
        control.fleet().request_shutdown(
            request, timeline_.clocks(),
            [this, request, life = life_,
             answer = std::move(answer)](const domain::Outcome<domain::ShutdownAnswer>& outcome) {
              if (life == life_ && outcome) oracle_.shutdown_answered(request, *outcome);
              answer(outcome);
            });
      },
      std::move(heard));
}

void World::touch_held(const Line& line, std::vector<domain::SessionId> sessions,
                       Heard<std::vector<domain::TouchFailure>> heard) {
  using Failures = std::vector<domain::TouchFailure>;
  ask<Failures>(
      line.instance_id,
      [this, line, sessions = std::move(sessions)](ControlNode&, store::Callback<Failures> answer) {
        if (!attached(line)) return answer(not_attached());
        hear(line);
        renew(sessions, domain::holder_digest(line.instance_id, line.incarnation),
              std::move(answer));
      },
      std::move(heard));
}

void World::report(const Line& line, std::uint64_t number, domain::SessionReport report,
                   Heard<domain::UserSession> heard) {
  ask<domain::UserSession>(
      line.instance_id,
      [this, line, sequence = static_cast<std::int64_t>(number), report](
          ControlNode& control, store::Callback<domain::UserSession> answer) {
        if (!attached(line)) return answer(not_attached());
        hear(line);
        if (sequence <= control.lines().events_taken(line.instance_id, line.incarnation)) {
          return answer(domain::refuse(domain::RefusalReason::kStaleEpoch, "taken before"));
        }
        control.operations().report(
            report, timeline_.clocks(),
            [this, line, sequence, report, life = life_,
             answer = std::move(answer)](domain::Outcome<domain::UserSession> outcome) {
              if (life != life_) return;
              rpc::InstanceLines& lines = control_->lines();
              const auto taken = lines.events_taken(line.instance_id, line.incarnation);
              if ((outcome || is_settled(outcome.error())) && sequence > taken) {
                lines.note_events_taken(line.instance_id, line.incarnation, sequence);
              }
              note({report.session.str()},
                   fmt::format("control: report {} of {} by {}: {}", static_cast<int>(report.kind),
                               report.session.str(), line.incarnation,
                               outcome ? "yes" : "no: " + outcome.error().message));
              answer(std::move(outcome));
            });
      },
      std::move(heard));
}

}  // namespace weir::sim
