// Load, decide, commit, and once more when somebody else was quicker: the loop around every rule.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/context.h"
#include "control_svc/domain/decision.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/settings.h"
#include "control_svc/domain/user_record.h"
#include "control_svc/store/awaited.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Called exactly once: before the call that takes it returns, or later on a thread of the store.
template <class Answer>
using Callback = std::function<void(domain::Outcome<Answer>)>;
// Told after the commit that makes it true; any thread.
using NoticeSink = std::function<void(const domain::EndNotice&)>;

domain::Refusal store_unavailable();
std::vector<domain::Event> as_events(std::vector<domain::SessionEvent> events);

// Drives the rules over a store. Owned by the operations of a process, used from any thread.
class Decider {
 public:
  // Nothing expires before `hold_until`.
  Decider(RecordStore& store, domain::Settings settings, NoticeSink notices, SteadyTime hold_until);

  RecordStore& store() const { return store_; }
  const domain::Settings& settings() const { return settings_; }
  domain::Context context(Now now) const { return {settings_, now, hold_until_}; }
  void tell(const std::vector<domain::EndNotice>& notices) const;

  // `rule(record, id, context)` decides over the record that holds the session.
  template <class Answer, class Rule>
  void decide_session(const domain::SessionId& id, Now now, Rule rule,
                      Callback<Answer> done) const {
    auto load = [this, id](auto reply) { store_.load_owner(id, std::move(reply)); };
    auto decide = [id, rule = std::move(rule)](domain::UserRecord record,
                                               const domain::Context& context) {
      return rule(std::move(record), id, context);
    };
    run<Answer>(std::move(load), now, std::move(decide), std::move(done));
  }

  // `rule(record, context)` decides over the user's record.
  template <class Answer, class Rule>
  void decide_user(std::string user_id, Now now, Rule rule, Callback<Answer> done) const {
    auto load = [this, user_id = std::move(user_id)](auto reply) {
      store_.load_user(user_id, std::move(reply));
    };
    run<Answer>(std::move(load), now, std::move(rule), std::move(done));
  }

 private:
  template <class Answer, class Load, class Rule>
  Operation run(Load load, Now now, Rule rule, Callback<Answer> done) const {
    while (true) {
      auto loaded = co_await awaited<Loaded<domain::UserRecord>>(load);
      if (!loaded) co_return done(store_unavailable());
      domain::Decision<Answer> decision = rule(std::move(loaded->record), context(now));
      if (!decision.changed) co_return done(std::move(decision.answer));
      UserCommit commit{std::move(decision.record), loaded->version,
                        as_events(std::move(decision.events)), decision.lasting};
      const auto committed = co_await awaited<Done>(
          [&](auto reply) { store_.commit_user(std::move(commit), std::move(reply)); });
      if (committed) {
        tell(decision.notices);
        co_return done(std::move(decision.answer));
      }
      if (committed.error() != StoreError::kConflict) co_return done(store_unavailable());
    }
  }

  RecordStore& store_;
  const domain::Settings settings_;
  const NoticeSink notices_;
  const SteadyTime hold_until_;
};

}  // namespace weir::control::store
