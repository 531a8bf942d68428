#include "media_svc/net/refusal_status.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace weir::media::net {
namespace {

using control_link::RefusalReason;
using control_link::SessionKind;
using rtmp::StatusCode;
using namespace std::chrono_literals;

struct Case {
  RefusalReason reason;
  std::string message;
  std::optional<Duration> retry_after;
  SessionKind kind;
  StatusCode code;
  std::string description;
};

TEST(RefusalStatusTest, SaysWhyAndWhenToRetry) {
  const std::vector<Case> cases = {
      {RefusalReason::kAlreadyPublished, "in use", 4000ms, SessionKind::kPublish,
       StatusCode::kPublishBadName, "in use; retry in 4 s"},
      {RefusalReason::kLimitReached, "3 of 3 sessions", 1200ms, SessionKind::kPublish,
       StatusCode::kPublishDenied, "3 of 3 sessions; retry in 2 s"},
      {RefusalReason::kLimitReached, "3 of 3 sessions", 1200ms, SessionKind::kPlay,
       StatusCode::kPlayFailed, "3 of 3 sessions; retry in 2 s"},
      {RefusalReason::kCredentialRejected,
       "credential rejected",
       {},
       SessionKind::kPublish,
       StatusCode::kPublishDenied,
       "credential rejected"},
      {RefusalReason::kUserBlocked,
       "",
       {},
       SessionKind::kPublish,
       StatusCode::kPublishDenied,
       "user_blocked"},
      // gRPC's own text tells of addresses: it stays here.
      {RefusalReason::kUnreachable,
       "connect to 10.0.0.7 failed",
       {},
       SessionKind::kPublish,
       StatusCode::kPublishDenied,
       "admission is unavailable; retry in 5 s"},
  };
  for (const Case& c : cases) {
    const RefusalStatus status =
        status_of({.reason = c.reason, .message = c.message, .retry_after = c.retry_after}, c.kind);
    EXPECT_EQ(status.code, c.code) << c.description;
    EXPECT_EQ(status.description, c.description);
  }
}

}  // namespace
}  // namespace weir::media::net
