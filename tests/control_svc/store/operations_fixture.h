// Session operations over a memory store, with a clock and ids of the test's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::store {

// Ids that repeat from run to run.
class CountedIds final : public SessionIdSource {
 public:
  domain::SessionId next(std::string_view user_id) override {
    ++count_;
    return {domain::bucket_of(user_id), count_ * 0x9e3779b97f4a7c15U, count_};
  }

 private:
  std::uint64_t count_ = 0;
};

inline domain::AdmitRequest request_of(domain::SessionKind kind, std::string user,
                                       std::string stream = "live/one") {
  domain::AdmitRequest request;
  request.user_id = std::move(user);
  request.stream_id = std::move(stream);
  request.kind = kind;
  return request;
}

// A service as its callers see it. The memory store replies before a call returns, so every
// answer is here at once.
class OperationsFixture {
 public:
  explicit OperationsFixture(domain::Settings settings = {})
      : store([this](std::vector<domain::Event> told) {
          for (domain::Event& event : told) {
            events.push_back(std::get<domain::SessionEvent>(std::move(event)));
          }
        }),
        operations(
            store, settings, [this](const domain::EndNotice& notice) { notices.push_back(notice); },
            SteadyTime::min(), std::make_unique<CountedIds>()) {}

  template <class Answer, class Call>
  static domain::Outcome<Answer> answer_of(const Call& call) {
    std::optional<domain::Outcome<Answer>> answer;
    call([&answer](domain::Outcome<Answer> outcome) { answer = std::move(outcome); });
    return std::move(answer).value();
  }

  domain::Outcome<domain::AdmitAnswer> admit(domain::AdmitRequest request) {
    return answer_of<domain::AdmitAnswer>(
        [&](auto done) { operations.admit(std::move(request), clock.now(), std::move(done)); });
  }
  domain::Outcome<domain::UserSession> touch(domain::TouchRequest request) {
    return answer_of<domain::UserSession>(
        [&](auto done) { operations.touch(std::move(request), clock.now(), std::move(done)); });
  }
  std::vector<domain::TouchFailure> touch_many(std::vector<domain::SessionId> sessions,
                                               std::uint32_t holder = 0) {
    return *answer_of<std::vector<domain::TouchFailure>>([&](auto done) {
      operations.touch_many(std::move(sessions), holder, clock.now(), std::move(done));
    });
  }
  domain::Outcome<domain::UserSession> get(const domain::SessionId& id) {
    return answer_of<domain::UserSession>(
        [&](auto done) { operations.get(id.str(), clock.now(), std::move(done)); });
  }
  domain::Outcome<domain::UserSession> release(const domain::SessionId& id) {
    return answer_of<domain::UserSession>(
        [&](auto done) { operations.release(id.str(), clock.now(), std::move(done)); });
  }
  domain::Outcome<domain::UserSession> report(domain::SessionReport report) {
    return answer_of<domain::UserSession>(
        [&](auto done) { operations.report(std::move(report), clock.now(), std::move(done)); });
  }
  domain::Outcome<domain::SessionPage> list(domain::SessionFilter filter) {
    return answer_of<domain::SessionPage>(
        [&](auto done) { operations.list(std::move(filter), clock.now(), std::move(done)); });
  }
  // Lets the ticker do its work until nothing is due.
  std::size_t expire() {
    std::size_t all = 0;
    for (std::size_t last = 1; last > 0; all += last) {
      operations.expire_due(clock.now(), 1000, [&last](std::size_t count) { last = count; });
    }
    return all;
  }

  FakeClock clock;
  std::vector<domain::SessionEvent> events;
  std::vector<domain::EndNotice> notices;
  MemoryStore store;
  SessionOperations operations;
};

}  // namespace weir::control::store
