#include "control_svc/rpc/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace weir::control::rpc {
namespace {

using namespace weir::v1;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kLongest(128, 'x');
const std::string kTooLong(129, 'x');
const std::string kTooMuchText(4097, 'x');

// The fields that are wrong, in the order in which the answer names them.
template <class Request>
std::vector<std::string> bad_fields(const Request& request) {
  std::vector<std::string> fields;
  const auto refusal = validate(request).refusal();
  if (!refusal) return fields;
  EXPECT_EQ(refusal->reason, domain::RefusalReason::kInvalidField);
  for (const domain::FieldViolation& violation : refusal->violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

AdmitSessionRequest good_admission() {
  AdmitSessionRequest request;
  request.set_request_id("r-1");
  request.set_user_id("alice");
  request.set_stream_id("live/cam");
  request.set_kind(SESSION_KIND_PLAY);
  return request;
}

TEST(Validation, TakesAGoodAdmission) {
  EXPECT_THAT(bad_fields(good_admission()), IsEmpty());
  AdmitSessionRequest anonymous = good_admission();
  anonymous.clear_request_id();
  anonymous.clear_user_id();
  EXPECT_THAT(bad_fields(anonymous), IsEmpty());
}

struct IdCase {
  const char* what;
  std::string id;
  bool good;
};

TEST(Validation, IdsAreShortPrintableUtf8) {
  const IdCase cases[] = {
      {"one character", "a", true},
      {"the longest", kLongest, true},
      {"too long", kTooLong, false},
      {"a space", "living room", true},
      {"two, three and four bytes", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA5", true},
      {"NUL", std::string("a\0b", 3), false},
      {"newline", "a\nb", false},
      {"escape", "\x1b[2J", false},
      {"DEL", "a\x7f", false},
      {"C1", "a\xC2\x85", false},
      {"line separator", "a\xE2\x80\xA8", false},
      {"a lone continuation", "a\x80", false},
      {"cut in the middle", "a\xE2\x82", false},
      {"overlong", "\xC0\xAF", false},
      {"overlong in three bytes", "\xE0\x80\xAF", false},
      {"surrogate", "\xED\xA0\x80", false},
      {"above U+10FFFF", "\xF4\x90\x80\x80", false},
  };
  for (const IdCase& example : cases) {
    AdmitSessionRequest request = good_admission();
    request.set_user_id(example.id);
    EXPECT_EQ(bad_fields(request).empty(), example.good) << example.what;
  }
}

TEST(Validation, StreamIdsHaveAnAppAndAName) {
  for (const char* good : {"live/cam", "a/b", "live/a/b"}) {
    AdmitSessionRequest request = good_admission();
    request.set_stream_id(good);
    EXPECT_THAT(bad_fields(request), IsEmpty()) << good;
  }
  const auto bytes_long = [](std::size_t bytes) {
    AdmitSessionRequest request = good_admission();
    request.set_stream_id("live/" + std::string(bytes - 5, 'n'));
    return request;
  };
  EXPECT_THAT(bad_fields(bytes_long(256)), IsEmpty());
  EXPECT_THAT(bad_fields(bytes_long(257)), ElementsAre("stream_id"));
  for (const char* bad : {"", "live", "/cam", "live/", "/", "live/c\tm"}) {
    AdmitSessionRequest request = good_admission();
    request.set_stream_id(bad);
    EXPECT_THAT(bad_fields(request), ElementsAre("stream_id")) << bad;
  }
}

TEST(Validation, NamesEveryBadFieldOfAnAdmission) {
  AdmitSessionRequest request;
  request.set_request_id(kTooLong);
  request.set_user_id("a\nb");
  request.set_credential(kTooMuchText);
  request.set_instance_id(kTooLong);
  request.set_incarnation(kTooLong);
  request.set_resume_session_id(kTooLong);
  request.mutable_client()->set_address(kTooMuchText);
  request.mutable_client()->set_protocol(kTooMuchText);
  request.mutable_client()->set_user_agent(kTooMuchText);
  request.mutable_client()->set_device(kTooMuchText);
  request.add_replace_session_ids("fine");
  request.add_replace_session_ids("");
  EXPECT_THAT(bad_fields(request),
              ElementsAre("request_id", "user_id", "credential", "stream_id", "kind", "instance_id",
                          "incarnation", "client.address", "client.protocol", "client.user_agent",
                          "client.device", "resume_session_id", "replace_session_ids[1]"));
}

TEST(Validation, ALongListIsAnsweredShortly) {
  AdmitSessionRequest request = good_admission();
  for (int i = 0; i < 10'000; ++i) request.add_replace_session_ids("");
  EXPECT_THAT(bad_fields(request), ElementsAre("replace_session_ids"));
  ListSessionsRequest list;
  for (int i = 0; i < 10'000; ++i) list.add_states(static_cast<SessionState>(99));
  EXPECT_THAT(bad_fields(list), ElementsAre("states", "states"));
}

TEST(Validation, EnumsAreKnownAndSet) {
  AdmitSessionRequest request = good_admission();
  request.set_kind(static_cast<SessionKind>(99));
  EXPECT_THAT(bad_fields(request), ElementsAre("kind"));

  ListSessionsRequest list;
  list.add_states(SESSION_STATE_ACTIVE);
  EXPECT_THAT(bad_fields(list), IsEmpty());
  list.add_states(SESSION_STATE_UNSPECIFIED);
  list.add_states(static_cast<SessionState>(-1));
  list.set_kind(static_cast<SessionKind>(3));
  EXPECT_THAT(bad_fields(list), ElementsAre("kind", "states"));

  UpdateUserLimitsRequest limits;
  limits.mutable_limits()->set_user_id("alice");
  limits.mutable_limits()->set_policy(static_cast<LimitPolicy>(9));
  EXPECT_THAT(bad_fields(limits), ElementsAre("limits.policy"));
}

TEST(Validation, TouchNeedsSessionUserAndStream) {
  EXPECT_THAT(bad_fields(TouchSessionRequest()), ElementsAre("session_id", "user_id", "stream_id"));
}

TEST(Validation, BatchesAreBoundedAndTheirIdsAreNot) {
  BatchTouchSessionsRequest request;
  for (int i = 0; i < 10'000; ++i) request.add_session_ids("");
  EXPECT_THAT(bad_fields(request), IsEmpty());
  request.add_session_ids("one more");
  EXPECT_THAT(bad_fields(request), ElementsAre("session_ids"));
}

TEST(Validation, RequestsThatNameASessionNameOne) {
  EXPECT_THAT(bad_fields(PauseSessionRequest()), ElementsAre("session_id"));
  EXPECT_THAT(bad_fields(ResumeSessionRequest()), ElementsAre("session_id"));
  EXPECT_THAT(bad_fields(ReleaseSessionRequest()), ElementsAre("session_id"));
  EXPECT_THAT(bad_fields(GetSessionRequest()), ElementsAre("session_id"));
  EXPECT_THAT(bad_fields(SwitchStreamRequest()), ElementsAre("session_id", "stream_id"));
  EXPECT_THAT(bad_fields(KickSessionRequest()), ElementsAre("session_id"));
}

TEST(Validation, BlockDurationsAreNotNegativeAndNotAbsurd) {
  KickSessionRequest request;
  request.set_session_id("s");
  request.mutable_block_duration();
  EXPECT_THAT(bad_fields(request), IsEmpty()) << "zero means no block";
  request.mutable_block_duration()->set_seconds(-1);
  EXPECT_THAT(bad_fields(request), ElementsAre("block_duration"));
  request.mutable_block_duration()->set_seconds(INT64_MAX);
  EXPECT_THAT(bad_fields(request), ElementsAre("block_duration"));
  request.mutable_block_duration()->set_seconds(1);
  request.mutable_block_duration()->set_nanos(-1);
  EXPECT_THAT(bad_fields(request), ElementsAre("block_duration"));
}

TEST(Validation, PagesAreNotNegativeAndTokensBounded) {
  ListSessionsRequest request;
  request.set_page_size(-1);
  request.set_page_token(kTooMuchText);
  EXPECT_THAT(bad_fields(request), ElementsAre("page_size", "page_token"));
  ListBlocksRequest blocks;
  blocks.set_page_size(INT32_MIN);
  EXPECT_THAT(bad_fields(blocks), ElementsAre("page_size"));
  request.Clear();
  request.set_page_size(INT32_MAX);
  EXPECT_THAT(bad_fields(request), IsEmpty()) << "a large page is cut, not refused";
}

// Else the stream's next epoch would be beyond any number.
TEST(Validation, EpochsOfHeldSessionsLeaveRoomForLaterOnes) {
  HeldSessions held;
  HeldSession& session = *held.add_sessions();
  session.set_session_id(domain::SessionId(domain::bucket_of("ann"), 7, 7).str());
  session.mutable_admission()->set_user_id("ann");
  session.mutable_admission()->set_stream_id("live/one");
  session.mutable_admission()->set_kind(SESSION_KIND_PUBLISH);
  session.set_epoch(kMaxHeldEpoch);
  EXPECT_THAT(bad_fields(held), IsEmpty());
  for (const std::int64_t epoch : {kMaxHeldEpoch + 1, INT64_MAX, std::int64_t{-1}}) {
    session.set_epoch(epoch);
    EXPECT_THAT(bad_fields(held), ElementsAre("sessions[0].epoch")) << epoch;
  }
}

TEST(Validation, LimitsAndTheirMask) {
  UpdateUserLimitsRequest request;
  request.mutable_limits()->set_max_play_sessions(-1);
  request.mutable_limits()->set_max_publish_sessions(10'001);
  request.mutable_update_mask()->add_paths("policy");
  request.mutable_update_mask()->add_paths("user_id");
  EXPECT_THAT(bad_fields(request), ElementsAre("limits.user_id", "limits.max_play_sessions",
                                               "limits.max_publish_sessions", "update_mask"));
  EXPECT_THAT(bad_fields(GetUserLimitsRequest()), ElementsAre("user_id"));
  EXPECT_THAT(bad_fields(UnblockRequest()), ElementsAre("user_id"));
}

}  // namespace
}  // namespace weir::control::rpc
