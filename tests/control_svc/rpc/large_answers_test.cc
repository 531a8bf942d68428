#include "control_svc/rpc/large_answers.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

TEST(LargeAnswers, OneCallerLeavesRoomForTheOthers) {
  LargeAnswers answers;
  std::vector<LargeAnswers::Permit> held;
  for (std::size_t i = 0; i < LargeAnswers::kMostOfOneCaller; ++i) {
    auto permit = answers.take("deaf");
    ASSERT_TRUE(permit);
    held.push_back(*std::move(permit));
  }
  EXPECT_FALSE(answers.take("deaf"));
  EXPECT_TRUE(answers.take("another"));
  held.pop_back();
  EXPECT_TRUE(answers.take("deaf"));
}

TEST(LargeAnswers, ManyCallersHaveABoundTogether) {
  LargeAnswers answers;
  std::vector<LargeAnswers::Permit> held;
  for (std::size_t i = 0; i < LargeAnswers::kMost; ++i) {
    auto permit = answers.take("caller " + std::to_string(i));
    ASSERT_TRUE(permit);
    held.push_back(*std::move(permit));
  }
  EXPECT_FALSE(answers.take("one more"));
  held.clear();
  EXPECT_TRUE(answers.take("one more"));
}

class LargeAnswersTest : public ControlTest {
 protected:
  template <class Stub, class Request, class Response>
  void expect_refused(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*)) {
    const grpc::Status status = call_on(stub, method, Request()).first;
    EXPECT_EQ(reason_of(status), "RATE_LIMITED") << Request::descriptor()->name();
  }
};

TEST_F(LargeAnswersTest, EveryCallWithALargeAnswerHasToWaitForRoom) {
  std::vector<LargeAnswers::Permit> held;
  while (auto permit = answers_.take("caller " + std::to_string(held.size()))) {
    held.push_back(*std::move(permit));
  }
  expect_refused(*stub_, &v1::SessionService::Stub::BatchTouchSessions);
  expect_refused(*stub_, &v1::SessionService::Stub::ListSessions);
  expect_refused(*stub_, &v1::SessionService::Stub::ListBlocks);
  expect_refused(*streams_, &v1::StreamService::Stub::ListStreams);
  expect_refused(*instances_, &v1::InstanceService::Stub::ListInstances);
  held.clear();
  EXPECT_TRUE(call_on(*streams_, &v1::StreamService::Stub::ListStreams, {}).first.ok());
}

// gRPC tells that a call is over some time after its caller has the answer.
TEST_F(LargeAnswersTest, AnAnswerThatIsSmallLeavesRoomBeforeItsCallerHasIt) {
  std::vector<LargeAnswers::Permit> held;
  while (held.size() + 1 < LargeAnswers::kMost) {
    held.push_back(*answers_.take("caller " + std::to_string(held.size())));
  }
  for (int i = 0; i < 5'000; ++i) {
    ASSERT_TRUE(call_on(*stub_, &v1::SessionService::Stub::BatchTouchSessions, {}).first.ok()) << i;
  }
}

}  // namespace
}  // namespace weir::control::rpc
