#include "control_svc/rpc/session_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/grpc/proto_time.h"
#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;
using namespace weir::v1;
using grpc::StatusCode;
using Stub = weir::v1::SessionService::Stub;

class SessionServiceTest : public ControlTest {
 protected:
  template <class Request>
  static Request about(const Session& session) {
    Request request;
    request.set_session_id(session.session_id());
    return request;
  }

  Session get(const Session& session) {
    return call(&Stub::GetSession, about<GetSessionRequest>(session)).second.session();
  }

  KickSessionResponse kick(const Session& session) {
    return call(&Stub::KickSession, about<KickSessionRequest>(session)).second;
  }
};

TEST_F(SessionServiceTest, AdmitsUpToTheLimitAndTellsWhatHoldsTheSlots) {
  const Session first = admitted("alice", "live/1");
  admitted("alice", "live/2");
  admitted("alice", "live/3");

  const auto [status, response] = admit(admission("alice", "live/4"));
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  const wire::StatusDetails details(status);
  EXPECT_EQ(details.reason(), "SESSION_LIMIT_REACHED");
  EXPECT_EQ(details.metadata("limit"), "3");
  EXPECT_TRUE(details.detail<google::rpc::QuotaFailure>());
  ASSERT_TRUE(details.retry_after());
  EXPECT_EQ(*details.retry_after(), sessions_.settings().start_timeout);
  const auto conflict = details.detail<SessionConflict>();
  ASSERT_TRUE(conflict);
  ASSERT_EQ(conflict->sessions_size(), 3);
  EXPECT_EQ(conflict->sessions(0).session_id(), first.session_id());
  EXPECT_EQ(conflict->sessions(0).user_id(), "alice");

  admitted("bob", "live/1");
  admitted("alice", "live/4", SESSION_KIND_PUBLISH);
  EXPECT_EQ(observer_.admitted, 5);
  EXPECT_EQ(observer_.refused, 1);
}

TEST_F(SessionServiceTest, AnswersAnAdmissionWithAllThatAClientNeeds) {
  const auto [status, response] = admit(admission("alice", "live/1"));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.session().session_id().size(), domain::SessionId::kTextSize);
  EXPECT_EQ(response.session().user_id(), "alice");
  EXPECT_EQ(response.session().state(), SESSION_STATE_PENDING);
  EXPECT_EQ(wire::from_proto(response.touch_interval()), sessions_.settings().phase / 2);
  EXPECT_FALSE(response.has_route()) << "no instance ever attached";
  EXPECT_FALSE(response.resumed());
}

TEST_F(SessionServiceTest, CountsItsCallsByTheirCodes) {
  ASSERT_TRUE(admit(admission("alice", "live/1")).first.ok());
  EXPECT_FALSE(admit(admission("alice", "not a stream")).first.ok());
  const std::string text = registry_.text();
  for (
      const char* series : {
          R"(grpc_server_started_total{grpc_method="AdmitSession",grpc_service="weir.v1.SessionService"} 2)",
          R"(grpc_server_handled_total{grpc_code="OK",grpc_method="AdmitSession",grpc_service="weir.v1.SessionService"} 1)",
          R"(grpc_server_handled_total{grpc_code="INVALID_ARGUMENT",grpc_method="AdmitSession",grpc_service="weir.v1.SessionService"} 1)",
          R"(grpc_server_handling_seconds_count{grpc_method="AdmitSession",grpc_service="weir.v1.SessionService"} 2)",
      }) {
    EXPECT_THAT(text, testing::HasSubstr(series));
  }
}

TEST_F(SessionServiceTest, ATouchKeepsASessionAndSilenceEndsIt) {
  const Session session = admitted("alice", "live/1");
  clock_.advance(15s);
  const auto [status, response] = touch(session);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.session().state(), SESSION_STATE_ACTIVE);

  clock_.advance(40s - 1ms);
  EXPECT_EQ(get(session).state(), SESSION_STATE_IDLE);
  clock_.advance(1ms);
  EXPECT_EQ(get(session).state(), SESSION_STATE_ENDED);
  const auto [late, unused] = touch(session);
  EXPECT_EQ(late.error_code(), StatusCode::FAILED_PRECONDITION);
  const wire::StatusDetails details(late);
  EXPECT_EQ(details.reason(), "SESSION_ENDED");
  EXPECT_EQ(details.metadata("end_reason"), "END_REASON_EXPIRED");
  EXPECT_EQ(observer_.touches[static_cast<std::size_t>(TouchResult::kRenewed)], 1U);
  EXPECT_EQ(observer_.touches[static_cast<std::size_t>(TouchResult::kEnded)], 1U);
}

TEST_F(SessionServiceTest, AnExpiredSlotIsFreeWithoutWaitingForTheTicker) {
  for (const char* stream : {"live/1", "live/2", "live/3"}) touch(admitted("alice", stream));
  EXPECT_EQ(reason_of(admit(admission("alice", "live/4")).first), "SESSION_LIMIT_REACHED");
  clock_.advance(40s);
  admitted("alice", "live/4");
}

TEST_F(SessionServiceTest, ATouchOfSomebodyElsesSessionIsRefused) {
  Session session = admitted("alice", "live/1");
  session.set_user_id("mallory");
  EXPECT_EQ(reason_of(touch(session).first), "USER_MISMATCH");
  session.set_user_id("alice");
  session.set_stream_id("live/2");
  EXPECT_EQ(reason_of(touch(session).first), "STREAM_MISMATCH");
  session.set_session_id("nothing-of-this-name");
  EXPECT_EQ(reason_of(touch(session).first), "SESSION_NOT_FOUND");
}

TEST_F(SessionServiceTest, ABatchRenewsWhatLivesAndNamesTheRest) {
  const Session alive = admitted("alice", "live/1");
  const Session released = admitted("alice", "live/2");
  call(&Stub::ReleaseSession, about<ReleaseSessionRequest>(released));
  clock_.advance(10s);
  BatchTouchSessionsRequest request;
  request.add_session_ids(alive.session_id());
  request.add_session_ids(released.session_id());
  request.add_session_ids("no session");
  const auto [status, response] = call(&Stub::BatchTouchSessions, request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.failures_size(), 2);
  EXPECT_EQ(response.failures(0).session_id(), released.session_id());
  EXPECT_EQ(response.failures(0).reason(), "SESSION_ENDED");
  EXPECT_EQ(response.failures(0).end_reason(), END_REASON_RELEASED);
  EXPECT_EQ(response.failures(1).session_id(), "no session");
  EXPECT_EQ(response.failures(1).reason(), "SESSION_NOT_FOUND");
  EXPECT_EQ(get(alive).state(), SESSION_STATE_ACTIVE);
}

TEST_F(SessionServiceTest, APausedSessionKeepsItsSlotWithoutTouches) {
  const Session session = admitted("alice", "live/1");
  touch(session);
  const auto [status, paused] = call(&Stub::PauseSession, about<PauseSessionRequest>(session));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(paused.session().state(), SESSION_STATE_PAUSED);
  clock_.advance(5min);
  EXPECT_EQ(get(session).state(), SESSION_STATE_PAUSED);
  const auto resumed = call(&Stub::ResumeSession, about<ResumeSessionRequest>(session)).second;
  EXPECT_EQ(resumed.session().state(), SESSION_STATE_ACTIVE);

  const Session publisher = admitted("alice", "live/2", SESSION_KIND_PUBLISH);
  touch(publisher);
  const auto [refused, unused] = call(&Stub::PauseSession, about<PauseSessionRequest>(publisher));
  EXPECT_EQ(refused.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(reason_of(refused), "INVALID_STATE");
}

TEST_F(SessionServiceTest, SwitchMovesThePlayerToAnotherStream) {
  const Session session = admitted("alice", "live/1");
  touch(session);
  auto request = about<SwitchStreamRequest>(session);
  request.set_stream_id("live/2");
  const auto [status, response] = call(&Stub::SwitchStream, request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.session().stream_id(), "live/2");
  EXPECT_EQ(response.session().session_id(), session.session_id());
  EXPECT_EQ(reason_of(touch(session).first), "STREAM_MISMATCH");
}

TEST_F(SessionServiceTest, ReleaseGivesTheSlotBackAndMayBeRepeated) {
  const Session session = admitted("alice", "live/1");
  for (int i = 0; i < 2; ++i) {
    const auto [status, response] =
        call(&Stub::ReleaseSession, about<ReleaseSessionRequest>(session));
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.session().state(), SESSION_STATE_ENDED);
    EXPECT_EQ(response.session().end_reason(), END_REASON_RELEASED);
  }
}

TEST_F(SessionServiceTest, AKickEndsAndKeepsOutUntilUnblocked) {
  const Session session = admitted("alice", "live/1");
  const Session kicked = kick(session).session();
  EXPECT_EQ(kicked.end_reason(), END_REASON_KICKED);
  EXPECT_FALSE(kicked.ended_by().empty());

  const auto [status, unused] = admit(admission("alice", "live/1"));
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(reason_of(status), "USER_BLOCKED");
  EXPECT_EQ(wire::StatusDetails(status).retry_after(), sessions_.settings().kick_block);

  const auto blocks = call(&Stub::ListBlocks, ListBlocksRequest()).second;
  ASSERT_EQ(blocks.blocks_size(), 1);
  EXPECT_EQ(blocks.blocks(0).user_id(), "alice");
  EXPECT_EQ(blocks.blocks(0).stream_id(), "live/1");
  EXPECT_EQ(blocks.blocks(0).kind(), SESSION_KIND_PLAY);

  UnblockRequest unblock;
  unblock.set_user_id("alice");
  EXPECT_EQ(call(&Stub::Unblock, unblock).second.removed(), 1);
  EXPECT_EQ(call(&Stub::Unblock, unblock).second.removed(), 0);
  admitted("alice", "live/1");
}

TEST_F(SessionServiceTest, BlocksAreListedPageByPage) {
  const auto block = [this](const std::string& user, const std::string& stream, bool whole_user) {
    auto request = about<KickSessionRequest>(admitted(user, stream));
    request.set_whole_user(whole_user);
    request.set_message("of " + user);
    ASSERT_TRUE(call(&Stub::KickSession, request).first.ok());
  };
  std::multiset<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    const std::string user = "user-" + std::to_string(i);
    for (const char* stream : {"live/1", "live/2"}) {
      block(user, stream, false);
      expected.insert(user);
    }
  }
  block("whole", "live/1", true);
  expected.insert("whole");

  ListBlocksRequest request;
  request.set_page_size(3);
  std::multiset<std::string> listed;
  std::string token;
  do {
    const auto page = call(&Stub::ListBlocks, request).second;
    EXPECT_LE(page.blocks_size(), 3);
    for (const Block& each : page.blocks()) {
      listed.insert(each.user_id());
      EXPECT_EQ(each.message(), "of " + each.user_id());
      EXPECT_EQ(each.stream_id().empty(), each.user_id() == "whole");
      EXPECT_TRUE(each.has_expire_time());
    }
    if (!page.next_page_token().empty()) token = page.next_page_token();
    request.set_page_token(page.next_page_token());
    ASSERT_LE(listed.size(), expected.size());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, expected);

  request.set_user_id("user-3");
  EXPECT_EQ(call(&Stub::ListBlocks, request).second.blocks_size(), 2);
  request.set_page_token(token);
  EXPECT_EQ(reason_of(call(&Stub::ListBlocks, request).first), "INVALID_FIELD")
      << "a token of other filters";
  clock_.advance(sessions_.settings().kick_block);
  EXPECT_EQ(call(&Stub::ListBlocks, ListBlocksRequest()).second.blocks_size(), 0);
}

TEST_F(SessionServiceTest, EveryFilterOfAListHasToMatch) {
  const Session paused = admitted("alice", "live/1");
  touch(paused);
  call(&Stub::PauseSession, about<PauseSessionRequest>(paused));
  const Session publisher = admitted("alice", "live/2", SESSION_KIND_PUBLISH);
  auto from_media = admission("bob", "live/1");
  from_media.set_instance_id("media-1");
  from_media.set_incarnation("first");
  const Session served = admit(from_media).second.session();
  const Session over = admitted("bob", "live/3");
  call(&Stub::ReleaseSession, about<ReleaseSessionRequest>(over));

  struct Case {
    const char* what;
    std::function<void(ListSessionsRequest&)> filter;
    std::set<std::string> expected;
  };
  const Case cases[] = {
      {"what lives",
       [](auto&) {},
       {paused.session_id(), publisher.session_id(), served.session_id()}},
      {"user", [](auto& r) { r.set_user_id("bob"); }, {served.session_id()}},
      {"stream",
       [](auto& r) { r.set_stream_id("live/1"); },
       {paused.session_id(), served.session_id()}},
      {"instance", [](auto& r) { r.set_instance_id("media-1"); }, {served.session_id()}},
      {"kind", [](auto& r) { r.set_kind(SESSION_KIND_PUBLISH); }, {publisher.session_id()}},
      {"states",
       [](auto& r) {
         r.add_states(SESSION_STATE_PAUSED);
         r.add_states(SESSION_STATE_ENDED);
       },
       {paused.session_id(), over.session_id()}},
      {"user and stream",
       [](auto& r) {
         r.set_user_id("alice");
         r.set_stream_id("live/1");
       },
       {paused.session_id()}},
      {"nobody",
       [](auto& r) {
         r.set_user_id("alice");
         r.set_instance_id("media-1");
       },
       {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    ListSessionsRequest request;
    c.filter(request);
    std::set<std::string> listed;
    const auto page = call(&Stub::ListSessions, request).second;
    for (const Session& session : page.sessions()) listed.insert(session.session_id());
    EXPECT_EQ(listed, c.expected);
  }
}

TEST_F(SessionServiceTest, ListsPageByPageWhatTheFilterAsksFor) {
  std::set<std::string> expected;
  for (int user = 0; user < 7; ++user) {
    expected.insert(admitted("user-" + std::to_string(user), "live/1").session_id());
    admitted("user-" + std::to_string(user), "live/2");
  }
  ListSessionsRequest request;
  request.set_stream_id("live/1");
  request.set_page_size(3);
  std::set<std::string> listed;
  int pages = 0;
  do {
    const auto [status, page] = call(&Stub::ListSessions, request);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_LE(page.sessions_size(), 3);
    for (const Session& session : page.sessions()) {
      EXPECT_TRUE(listed.insert(session.session_id()).second) << "listed twice";
    }
    request.set_page_token(page.next_page_token());
    ASSERT_LE(++pages, 7);
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, expected);
}

TEST_F(SessionServiceTest, APageTokenBelongsToItsFilters) {
  for (int user = 0; user < 3; ++user) admitted("user-" + std::to_string(user), "live/1");
  ListSessionsRequest request;
  request.set_stream_id("live/1");
  request.set_page_size(1);
  const std::string token = call(&Stub::ListSessions, request).second.next_page_token();
  ASSERT_FALSE(token.empty());
  request.set_page_token(token);
  request.set_stream_id("live/2");
  EXPECT_EQ(reason_of(call(&Stub::ListSessions, request).first), "INVALID_FIELD");
  request.set_page_token("made up");
  EXPECT_EQ(reason_of(call(&Stub::ListSessions, request).first), "INVALID_FIELD");
}

TEST_F(SessionServiceTest, LimitsArePerUserAndKind) {
  UpdateUserLimitsRequest update;
  update.mutable_limits()->set_user_id("alice");
  update.mutable_limits()->set_max_play_sessions(1);
  const auto [status, updated] = call(&Stub::UpdateUserLimits, update);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(updated.limits().max_play_sessions(), 1);
  EXPECT_FALSE(updated.limits().has_max_publish_sessions());
  admitted("alice", "live/1");
  EXPECT_EQ(reason_of(admit(admission("alice", "live/2")).first), "SESSION_LIMIT_REACHED");

  GetUserLimitsRequest get;
  get.set_user_id("alice");
  EXPECT_EQ(call(&Stub::GetUserLimits, get).second.limits().max_play_sessions(), 1);
  get.set_user_id("bob");
  EXPECT_FALSE(call(&Stub::GetUserLimits, get).second.limits().has_max_play_sessions());
}

TEST_F(SessionServiceTest, ARepeatedRequestIdIsTheSameSession) {
  AdmitSessionRequest request = admission("alice", "live/1");
  request.set_request_id("r-1");
  const std::string id = admit(request).second.session().session_id();
  EXPECT_EQ(admit(request).second.session().session_id(), id);
  request.set_stream_id("live/2");
  const grpc::Status status = admit(request).first;
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_of(status), "REQUEST_ID_REUSED");
}

TEST_F(SessionServiceTest, ReplacingEndsAndAdmitsInOneStep) {
  const Session oldest = admitted("alice", "live/1");
  admitted("alice", "live/2");
  admitted("alice", "live/3");
  const Session others = admitted("bob", "live/1");

  AdmitSessionRequest request = admission("alice", "live/4");
  request.add_replace_session_ids(others.session_id());
  EXPECT_EQ(reason_of(admit(request).first), "INVALID_FIELD");
  EXPECT_EQ(get(others).state(), SESSION_STATE_PENDING);

  request.set_replace_session_ids(0, oldest.session_id());
  ASSERT_TRUE(admit(request).first.ok());
  EXPECT_EQ(get(oldest).end_reason(), END_REASON_REPLACED);
}

TEST_F(SessionServiceTest, ValidateOnlyChangesNothing) {
  AdmitSessionRequest request = admission("alice", "live/1");
  request.set_validate_only(true);
  const auto [status, foreseen] = admit(request);
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(foreseen.session().state(), weir::v1::SESSION_STATE_PENDING);
  EXPECT_EQ(foreseen.session().session_id(), "") << "none was made";
  EXPECT_EQ(call(&Stub::ListSessions, ListSessionsRequest()).second.sessions_size(), 0);
}

TEST_F(SessionServiceTest, NamesBadFieldsBeforeAnythingIsDecided) {
  const grpc::Status status = admit(AdmitSessionRequest()).first;
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  const auto bad = wire::StatusDetails(status).detail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad);
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(0).field(), "stream_id");
  EXPECT_EQ(bad->field_violations(1).field(), "kind");
}

TEST_F(SessionServiceTest, NeverAdmitsBeyondTheLimitInParallel) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::atomic<int> successes = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string stream = "live/" + std::to_string(thread * kEach + i);
        const auto [status, response] = admit(admission("alice", stream));
        if (status.ok()) {
          ++successes;
        } else {
          EXPECT_EQ(reason_of(status), "SESSION_LIMIT_REACHED") << status.error_message();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(successes, 3);
}

}  // namespace
}  // namespace weir::control::rpc
