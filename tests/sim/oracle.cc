#include "tests/sim/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace weir::sim {

using domain::EventType;
using domain::SessionKind;
using domain::SessionState;

namespace {

// The record of a lapsed session follows its deadline: 100 ms are promised at a modest rate.
constexpr Duration kRecordLag{1'000};

// A stream's old holder is ended right after its claim went over, or when control is up again.
constexpr Duration kEndsOvertaken{5'000};

double seconds(SteadyTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

bool lapsed(const domain::Session& session) {
  return session.end_reason == domain::EndReason::kExpired ||
         session.end_reason == domain::EndReason::kStartTimeout ||
         session.end_reason == domain::EndReason::kPauseTimeout;
}

}  // namespace

void Oracle::fail(std::string what, std::vector<std::string> about) {
  if (!violation_) violation_ = Violation{std::move(what), std::move(about)};
}

SteadyTime Oracle::earliest_end(const Book& book, SteadyTime since) const {
  Duration limit = settings_.silence_limit();
  if (book.state == SessionState::kPending) {
    limit = settings_.start_timeout;
  } else if (book.state == SessionState::kPaused) {
    limit = settings_.pause_limit - kDecisionAge;
  } else if (book.interrupted && book.kind == SessionKind::kPublish) {
    limit = settings_.publish_reconnect_grace - kDecisionAge;
  }
  return std::max(since + limit, hold_until_);
}

void Oracle::user_committed(const domain::UserRecord& record) {
  bool has_new[3] = {};
  for (const domain::Session& session : record.sessions) {
    const bool known = books_.contains(session.id.str());
    if (!known && session.live()) has_new[static_cast<int>(session.kind)] = true;
    look_at(record, session);
  }
  for (const SessionKind kind : {SessionKind::kPublish, SessionKind::kPlay}) {
    if (has_new[static_cast<int>(kind)]) check_limit(record, kind);
  }
  check_forgotten(record);
}

void Oracle::look_at(const domain::UserRecord& record, const domain::Session& session) {
  const std::string id = session.id.str();
  const auto [found, is_new] = books_.try_emplace(id);
  Book& book = found->second;
  if (is_new) {
    if (!restoring_) ++sessions_seen_;
    book.user = record.user_id.str();
    book.kind = session.kind;
    book.asserted = asserted_.contains(id);
    sessions_of_user_[book.user].push_back(id);
  } else {
    if (book.live() && !session.live()) check_end_time(session);
    if (book.live() && !session.live() && lapsed(session)) check_lapse(book, id);
    if (book.end_told && session.live() && !book.asserted) {
      fail("2: a session came back after its end was told", {book.user, id});
    }
  }
  const bool same = !is_new && book.state == session.state &&
                    book.interrupted == session.interrupted && book.epoch == session.epoch &&
                    book.stream == session.stream_id();
  // A player's session goes on counting as before when its connection is lost.
  const bool only_interrupted = !is_new && book.kind == SessionKind::kPlay &&
                                book.state == session.state && book.epoch == session.epoch &&
                                book.stream == session.stream_id();
  const bool touched = is_new || session.lease.last_touch > book.last_touch;
  if (!same) book.as_it_is_since = timeline_.now();
  book.state = session.state;
  book.interrupted = session.interrupted;
  book.epoch = session.epoch;
  book.stream = session.stream_id();
  if (touched) book.last_touch = session.lease.last_touch;
  if (!session.live() || (same && !touched)) return;
  if (only_interrupted && !touched) return;
  const bool silence_counts = session.state == SessionState::kPending ||
                              (session.state == SessionState::kActive &&
                               !(session.interrupted && session.kind == SessionKind::kPublish));
  const SteadyTime since = silence_counts ? book.last_touch : timeline_.now();
  book.deadline = earliest_end(book, since);
}

// Whatever the clock of its instance says.
void Oracle::check_end_time(const domain::Session& session) {
  const WallTime latest = std::max(timeline_.latest_wall(kDecisionAge), session.created);
  if (session.ended >= session.created && session.ended <= latest) return;
  const std::string id = session.id.str();
  fail(fmt::format("{} is recorded as ended before its admission, or in the future", id), {id});
}

void Oracle::check_lapse(const Book& book, const std::string& id) {
  const SteadyTime now = timeline_.now();
  if (now >= book.deadline) return;
  fail(fmt::format("2: {} ended by its deadline at {:.3f}, which is {:.3f} at the earliest", id,
                   seconds(now), seconds(book.deadline)),
       {book.user, id});
}

void Oracle::check_limit(const domain::UserRecord& record, SessionKind kind) {
  if (record.limits.policy == domain::LimitPolicy::kShadow) return;
  const auto& own = kind == SessionKind::kPublish ? record.limits.max_publish_sessions
                                                  : record.limits.max_play_sessions;
  const int limit = own.value_or(kind == SessionKind::kPublish ? settings_.max_publish_sessions
                                                               : settings_.max_play_sessions);
  const auto held = std::ranges::count_if(record.sessions, [&](const domain::Session& session) {
    return session.kind == kind && session.live() && !domain::overdue(session, timeline_.now()) &&
           !asserted_.contains(session.id.str());
  });
  if (held <= limit) return;
  fail(fmt::format("1: {} holds {} sessions of a kind, {} are allowed", record.user_id.view(), held,
                   limit),
       {record.user_id.str()});
}

// What was answered stays, until it ends and its tombstone is over.
void Oracle::check_forgotten(const domain::UserRecord& record) {
  const auto sessions = sessions_of_user_.find(record.user_id.str());
  if (sessions == sessions_of_user_.end()) return;
  std::erase_if(sessions->second, [&](const std::string& id) {
    const auto book = books_.find(id);
    const bool kept = std::ranges::any_of(
        record.sessions, [&](const domain::Session& session) { return session.id.str() == id; });
    if (kept) return false;
    if (book->second.answered && book->second.live()) {
      fail(fmt::format("6: session {} was answered, and is forgotten", id),
           {book->second.user, id});
    }
    books_.erase(book);
    return true;
  });
}

void Oracle::claim_committed(const domain::StreamClaim& claim, bool removed) {
  const std::string stream = claim.stream_id.str();
  if (removed) {
    claims_.erase(stream);
    return;
  }
  ClaimBook& book = claims_[stream];
  const std::string holder = claim.holder.str();
  const bool same_holding = claim.epoch == book.epoch && holder == book.holder;
  if (claim.epoch <= book.epoch && !same_holding) {
    fail(fmt::format("3: epoch {} of {} does not rise above {}", claim.epoch, stream, book.epoch),
         {stream, holder, claim.holder_user.str()});
  }
  book = {claim.epoch, holder, same_holding ? book.since : timeline_.now()};
}

void Oracle::event_told(const domain::Event& told) {
  const auto* event = std::get_if<domain::SessionEvent>(&told);
  if (event == nullptr) return instance_event(std::get<domain::InstanceEvent>(told));
  ++events_seen_;
  const std::string id = event->session.id.str();
  const auto found = books_.find(id);
  // Its tombstone is over already.
  if (found == books_.end()) return;
  Book& book = found->second;
  const std::vector<std::string> about{book.user, id};
  const std::string_view type = domain::name_of(event->type);
  const bool is_admission = event->type == EventType::kAdmitted;
  if (is_admission == book.admitted_told) {
    fail(fmt::format("4: {} of {} is told {}", type, id,
                     is_admission ? "twice" : "before its admission"),
         about);
  }
  book.admitted_told = true;
  const bool back = book.asserted && event->type == EventType::kResumed;
  if (book.end_told && !back)
    fail(fmt::format("4: {} of {} is told after its end", type, id), about);
  book.end_told = !event->session.live();
}

void Oracle::admission_answered(const domain::AdmitRequest& request, SteadyTime asked,
                                const domain::Outcome<domain::AdmitAnswer>& outcome) {
  if (!outcome) {
    if (outcome.error().reason == domain::RefusalReason::kSessionLimitReached) {
      check_refused_limit(outcome.error(), asked);
    }
    return;
  }
  if (request.validate_only) return;
  const std::string id = outcome->session.id.str();
  if (!request.request_id.empty()) check_request_id(request, asked, id);
  check_place(request, asked, *outcome);
  const auto found = books_.find(id);
  if (found == books_.end()) {
    if (!outcome->repeated) fail("6: an answered session is on no record", {request.user_id, id});
    return;
  }
  Book& book = found->second;
  book.answered = true;
  if (outcome->resumed && request.instance_id.empty()) {
    // Its connection may take as long as a new session's.
    book.deadline = std::max(book.deadline, asked + settings_.start_timeout);
  }
  book.answered_epoch = std::max(book.answered_epoch, outcome->session.epoch);
}

void Oracle::check_refused_limit(const domain::Refusal& refusal, SteadyTime asked) {
  for (const domain::Session& holder : refusal.holders) {
    const auto book = books_.find(holder.id.str());
    if (book == books_.end() || book->second.touches_under_way > 0) continue;
    if (asked <= book->second.deadline + 2 * kDecisionAge) continue;
    fail(fmt::format("2: refused for {}, whose slot was free from {:.3f} on", holder.id.str(),
                     seconds(book->second.deadline)),
         {book->second.user, holder.id.str()});
  }
}

void Oracle::check_request_id(const domain::AdmitRequest& request, SteadyTime asked,
                              const std::string& session) {
  const auto [found, is_new] =
      requests_.try_emplace({request.user_id, request.request_id}, Remembered{session, asked});
  if (is_new || found->second.session == session) return;
  if (asked - found->second.since < settings_.request_id_memory - kDecisionAge) {
    fail(fmt::format("5: request {} made {} and {}", request.request_id, found->second.session,
                     session),
         {request.user_id, session, found->second.session});
  }
  found->second = {session, asked};
}

void Oracle::touch_asked(const std::string& session) {
  const auto book = books_.find(session);
  if (book != books_.end()) ++book->second.touches_under_way;
}

void Oracle::touch_answered(const std::string& session, SteadyTime asked, bool renewed,
                            bool by_holder) {
  const auto found = books_.find(session);
  if (found == books_.end()) return;
  Book& book = found->second;
  book.touches_under_way = std::max(0, book.touches_under_way - 1);
  // A touch in bulk changes nothing of what is paused, nor of what waits for its connection; what
  // was asked before may have met that.
  const bool counts = book.state == SessionState::kActive && !book.interrupted &&
                      (by_holder || asked >= book.as_it_is_since);
  if (!renewed || !counts || asked <= book.last_touch) return;
  check_overtaken(book, session);
  book.last_touch = asked;
  book.deadline = std::max(book.deadline, earliest_end(book, asked));
}

std::size_t Oracle::live_sessions() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(books_, [](const auto& entry) { return entry.second.live(); }));
}

void Oracle::control_restarted(store::RecordStore& records) {
  const SteadyTime now = timeline_.now();
  hold_until_ = now + settings_.recovery_hold;
  control_up_since_ = now;
  gone_since_.clear();
  // Nobody can have been heard before.
  for (auto& [id, process] : processes_) process.heard = {now};
  std::map<std::string, Book> before = std::exchange(books_, {});
  sessions_of_user_.clear();
  claims_.clear();
  restoring_ = true;
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    records.visit_users(
        bucket,
        [&](const domain::UserRecord& record) {
          for (const domain::Session& session : record.sessions) {
            look_at(record, session);
            Book& book = books_[session.id.str()];
            const auto old = before.find(session.id.str());
            // What nobody knows any more was told of before it was forgotten.
            book.admitted_told = old == before.end() || old->second.admitted_told;
            book.end_told = old == before.end() ? !book.live() : old->second.end_told;
            if (old == before.end()) continue;
            book.answered = old->second.answered;
            book.answered_epoch = old->second.answered_epoch;
            book.asserted = old->second.asserted;
            if (book.end_told && book.live() && !book.asserted) {
              fail("2: a session came back after its end was told", {book.user, old->first});
            }
            if (!book.end_told && !book.live()) {
              fail(fmt::format("4: {} is on disk as ended, and its end was never told", old->first),
                   {book.user, old->first});
            }
            before.erase(old);
          }
        },
        [](const auto&) {});
    records.visit_claims(
        bucket, "",
        [&](const domain::StreamClaim& claim) {
          claims_[claim.stream_id.str()] = {claim.epoch, claim.holder.str(), now};
          return true;
        },
        [](const auto&) {});
  }
  restoring_ = false;
  for (const auto& [id, book] : before) {
    if (!book.answered || !book.live()) continue;
    fail(fmt::format("6: session {} was answered, and a restart forgot it", id), {book.user, id});
  }
}

void Oracle::check_all(store::RecordStore& records) {
  std::map<std::string, std::int64_t> epochs;
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    records.visit_users(
        bucket, [this](const domain::UserRecord& record) { check_record(record); },
        [](const auto&) {});
    records.visit_claims(
        bucket, "",
        [&](const domain::StreamClaim& claim) {
          epochs[claim.stream_id.str()] = claim.epoch;
          return true;
        },
        [](const auto&) {});
  }
  check_epochs(epochs);
  check_drain_ends();
}

void Oracle::check_record(const domain::UserRecord& record) {
  const SteadyTime now = timeline_.now();
  for (const domain::Session& session : record.sessions) {
    const std::string id = session.id.str();
    const auto book = books_.find(id);
    if (book == books_.end()) {
      fail(fmt::format("6: {} is on record, but was never committed", id),
           {record.user_id.str(), id});
      continue;
    }
    const Book& own = book->second;
    if (own.state != session.state || own.interrupted != session.interrupted) {
      fail(fmt::format("4: {} is not what was last committed", id), {own.user, id});
    }
    check_lost(own, id, session.lease.holder);
    check_overtaken(own, id);
    if (session.live() && now > std::max(session.lease.deadline, hold_until_) + kRecordLag) {
      fail(fmt::format("2: {} is still on record as live at {:.3f}, after its deadline {:.3f}", id,
                       std::chrono::duration<double>(now.time_since_epoch()).count(),
                       seconds(session.lease.deadline)),
           {own.user, id});
    }
  }
}

// Whose stream was given to somebody else is ended. What was never answered, because control was
// killed before it had its claim, ends by its start timeout.
void Oracle::check_overtaken(const Book& book, const std::string& id) {
  if (!book.answered || !book.live() || book.kind != SessionKind::kPublish) return;
  const auto claim = claims_.find(book.stream);
  if (claim == claims_.end()) return;
  const bool others = claim->second.holder != id && claim->second.epoch >= book.epoch;
  if (!others || timeline_.now() <= claim->second.since + kEndsOvertaken) return;
  fail(fmt::format("3: {} goes on with epoch {} of {}, whose claim is at {}", id, book.epoch,
                   book.stream, claim->second.epoch),
       {book.user, id, book.stream, claim->second.holder});
}

// No live session has an epoch above its stream's claim, and only one has the claim's.
void Oracle::check_epochs(const std::map<std::string, std::int64_t>& epochs) {
  std::map<std::string, std::string> current;
  for (const auto& [id, book] : books_) {
    if (book.kind != SessionKind::kPublish || !book.live() || book.answered_epoch == 0) continue;
    const auto claim = epochs.find(book.stream);
    const std::int64_t epoch = claim == epochs.end() ? 0 : claim->second;
    if (book.answered_epoch > epoch) {
      fail(fmt::format("3: {} has epoch {} of {}, whose claim is at {}", id, book.answered_epoch,
                       book.stream, epoch),
           {book.user, id, book.stream});
    }
    if (book.answered_epoch < epoch) continue;
    const auto [other, is_first] = current.try_emplace(book.stream, id);
    if (is_first) continue;
    fail(fmt::format("3: {} and {} both have epoch {}", id, other->second, epoch),
         {book.user, id, other->second, book.stream});
  }
}

}  // namespace weir::sim
