#include "media_svc/admission/admission_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::media::admission {

void PrintTo(State state, std::ostream* out) { *out << name(state); }
void PrintTo(Event event, std::ostream* out) { *out << name(event); }
void PrintTo(Action action, std::ostream* out) { *out << name(action); }

namespace {

using testing::ElementsAreArray;
using Actions = std::vector<Action>;

constexpr State kStates[] = {State::kIdle,    State::kAsking, State::kAbandoned, State::kHolding,
                             State::kStarted, State::kSilent, State::kOver};
constexpr Event kEvents[] = {
    Event::kClaimed, Event::kNameTaken, Event::kAdmitted, Event::kDenied,     Event::kDeadline,
    Event::kHeld,    Event::kNotHeld,   Event::kDraining, Event::kClientDone, Event::kClientLost,
    Event::kSilence, Event::kMedia,     Event::kMoved,    Event::kRevoked};

// A machine led to `state` the shortest way.
AdmissionMachine machine_in(State state) {
  using enum Event;
  static const std::map<State, std::vector<Event>> kWays = {
      {State::kIdle, {}},
      {State::kAsking, {kClaimed}},
      {State::kAbandoned, {kClaimed, kClientLost}},
      {State::kHolding, {kClaimed, kAdmitted}},
      {State::kStarted, {kClaimed, kAdmitted, kHeld}},
      {State::kSilent, {kClaimed, kAdmitted, kHeld, kSilence}},
      {State::kOver, {kClientLost}},
  };
  AdmissionMachine machine;
  for (const Event event : kWays.at(state)) machine.step(event);
  return machine;
}

struct Outcome {
  State to;
  Actions actions;
};

const std::map<std::pair<State, Event>, Outcome>& rules() {
  using enum State;
  using enum Event;
  using enum Action;
  static const std::map<std::pair<State, Event>, Outcome> kRules = {
      {{kIdle, kClaimed}, {kAsking, {kAsk}}},
      {{kIdle, kNameTaken}, {kOver, {kRefuse}}},
      {{kIdle, kDraining}, {kOver, {kRefuse}}},
      {{kIdle, kClientDone}, {kOver, {}}},
      {{kIdle, kClientLost}, {kOver, {}}},
      {{kAsking, kAdmitted}, {kHolding, {kHold}}},
      {{kAsking, kDenied}, {kOver, {kLetGo, kRefuse}}},
      {{kAsking, kDeadline}, {kAbandoned, {kLetGo, kRefuse}}},
      {{kAsking, kDraining}, {kAbandoned, {kLetGo, kRefuse}}},
      {{kAsking, kClientDone}, {kAbandoned, {kLetGo}}},
      {{kAsking, kClientLost}, {kAbandoned, {kLetGo}}},
      {{kAbandoned, kAdmitted}, {kOver, {kGiveBack}}},
      {{kAbandoned, kDenied}, {kOver, {}}},
      {{kHolding, kHeld}, {kStarted, {kStart, kReportStarted}}},
      {{kHolding, kNotHeld}, {kOver, {kLetGo, kGiveBack, kRefuse}}},
      {{kHolding, kDraining}, {kOver, {kLetGo, kGiveBack, kRefuse}}},
      {{kHolding, kClientDone}, {kOver, {kLetGo, kGiveBack}}},
      {{kHolding, kClientLost}, {kOver, {kLetGo, kGiveBack}}},
      {{kHolding, kRevoked}, {kOver, {kLetGo, kRefuse}}},
      {{kStarted, kClientDone}, {kOver, {kLetGo, kReportCompleted}}},
      {{kStarted, kClientLost}, {kOver, {kLetGo, kReportInterrupted}}},
      {{kStarted, kSilence}, {kSilent, {kReportInterrupted}}},
      {{kStarted, kMoved}, {kOver, {kLetGo, kReportInterrupted, kClose}}},
      {{kStarted, kRevoked}, {kOver, {kLetGo, kClose}}},
      {{kSilent, kMedia}, {kStarted, {}}},
      {{kSilent, kClientDone}, {kOver, {kLetGo, kReportCompleted}}},
      {{kSilent, kClientLost}, {kOver, {kLetGo}}},
      {{kSilent, kMoved}, {kOver, {kLetGo, kClose}}},
      {{kSilent, kRevoked}, {kOver, {kLetGo, kClose}}},
  };
  return kRules;
}

TEST(AdmissionMachine, EveryStateMeetsEveryEvent) {
  for (const State state : kStates) {
    for (const Event event : kEvents) {
      SCOPED_TRACE(std::string(name(state)) + " × " + std::string(name(event)));
      AdmissionMachine machine = machine_in(state);
      ASSERT_EQ(machine.state(), state);
      const auto rule = rules().find({state, event});
      const Outcome expected = rule == rules().end() ? Outcome{state, {}} : rule->second;
      EXPECT_THAT(machine.step(event), ElementsAreArray(expected.actions));
      EXPECT_EQ(machine.state(), expected.to);
    }
  }
}

// What a connection and control hold at a time, as the actions tell them.
struct Books {
  int sessions = 0;
  int started = 0;
  int ended = 0;
  bool name_held = false;
  int answers_to_client = 0;
};

class Walk {
 public:
  // Follows every way of at most `steps` events and checks the books at each.
  void explore(const AdmissionMachine& machine, Books books, int steps) {
    check(machine.state(), books);
    if (steps == 0) return;
    for (const Event event : kEvents) {
      // Control answers once, and only when asked.
      const bool is_answer = event == Event::kAdmitted || event == Event::kDenied;
      if (is_answer && machine.state() != State::kAsking && machine.state() != State::kAbandoned) {
        continue;
      }
      AdmissionMachine next = machine;
      Books after = books;
      if (event == Event::kClaimed && machine.state() == State::kIdle) after.name_held = true;
      if (event == Event::kAdmitted) ++after.sessions;
      if (event == Event::kRevoked && after.started > after.ended) ++after.ended;
      if (event == Event::kRevoked) after.sessions = 0;
      for (const Action action : next.step(event)) apply(action, after);
      if (machine.state() == State::kSilent && event == Event::kMedia) --after.ended;
      explore(next, after, steps - 1);
    }
  }

 private:
  static void apply(Action action, Books& books) {
    switch (action) {
      case Action::kGiveBack:
        --books.sessions;
        break;
      case Action::kReportStarted:
        ++books.started;
        break;
      case Action::kReportCompleted:
        books.sessions = 0;
        books.ended = books.started;
        break;
      case Action::kReportInterrupted:
        ++books.ended;
        break;
      case Action::kLetGo:
        EXPECT_TRUE(books.name_held);
        books.name_held = false;
        break;
      case Action::kStart:
      case Action::kRefuse:
        ++books.answers_to_client;
        break;
      case Action::kAsk:
      case Action::kHold:
      case Action::kClose:
        break;
    }
  }

  static void check(State state, const Books& books) {
    EXPECT_LE(books.answers_to_client, 1);
    EXPECT_LE(books.ended, books.started);
    EXPECT_GE(books.sessions, 0);
    if (state != State::kOver) return;
    EXPECT_FALSE(books.name_held) << "a name is left behind";
    EXPECT_EQ(books.ended, books.started) << "an end is not reported";
    // Never started: nothing is left with control. Started: control knows how it ended.
    if (books.started == 0) EXPECT_EQ(books.sessions, 0) << "a session is left behind";
  }
};

TEST(AdmissionMachine, LeavesNothingBehindWhateverHappens) {
  Walk().explore(AdmissionMachine{}, Books{}, 6);
}

TEST(AdmissionMachine, NamesAreDistinct) {
  std::set<std::string_view> names;
  for (const State state : kStates) names.insert(name(state));
  EXPECT_EQ(names.size(), std::size(kStates));
  names.clear();
  for (const Event event : kEvents) names.insert(name(event));
  EXPECT_EQ(names.size(), std::size(kEvents));
}

}  // namespace
}  // namespace weir::media::admission
