#include "control_svc/rpc/attach_stream.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "common/grpc/proto_time.h"
#include "tests/control_svc/rpc/attach_fixture.h"
#include "tests/control_svc/rpc/named_fields.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;
using namespace weir::v1;
using grpc::StatusCode;

class AttachStreamTest : public ControlTest {
 protected:
  std::unique_ptr<AttachedInstance> connect(const std::string& id,
                                            const std::string& incarnation = "first") {
    return std::make_unique<AttachedInstance>(*instances_, id, incarnation);
  }

  // Attached, taken in and ACTIVE.
  std::unique_ptr<AttachedInstance> attached(const std::string& id,
                                             const std::string& incarnation = "first") {
    auto instance = connect(id, incarnation);
    instance->hello();
    const auto welcome = instance->next();
    EXPECT_TRUE(welcome && welcome->has_welcome());
    instance->held();
    instance->report();
    become_known(*instance);
    return instance;
  }

  // Messages of a stream are handled in order: an answer to the last covers all before it.
  void become_known(AttachedInstance& instance) {
    instance.touch("no session");
    EXPECT_TRUE(instance.next_end());
    watch_fleet();
  }

  InstanceState state_of(const std::string& id) {
    GetInstanceRequest request;
    request.set_instance_id(id);
    return call_on(*instances_, &v1::InstanceService::Stub::GetInstance, request)
        .second.instance()
        .state();
  }

  Session publish(const AttachedInstance& instance, const std::string& user = "alice",
                  const std::string& stream = "live/1") {
    auto request = admission(user, stream, SESSION_KIND_PUBLISH);
    request.set_instance_id(instance.id());
    request.set_incarnation(instance.incarnation());
    const auto [status, response] = admit(request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.session();
  }

  Session get(const Session& session) {
    GetSessionRequest request;
    request.set_session_id(session.session_id());
    return call(&Sessions::Stub::GetSession, request).second.session();
  }

  HeldSession holding(const Session& session) {
    HeldSession held;
    held.set_session_id(session.session_id());
    held.set_epoch(session.epoch());
    *held.mutable_admission() = admission(session.user_id(), session.stream_id(), session.kind());
    return held;
  }

  // As a sequence of events that the instance sends, each acknowledged.
  void say(AttachedInstance& instance, std::int64_t sequence, const Session& session,
           SessionEventKind kind, const std::optional<MediaSummary>& media = std::nullopt) {
    instance.event(sequence, session, kind, media);
    EXPECT_TRUE(instance.taken(sequence));
  }

  static MediaSummary media(const std::string& codec, int height) {
    MediaSummary media;
    media.set_video_codec(codec);
    media.set_audio_codec("aac");
    media.set_width(height * 16 / 9);
    media.set_height(height);
    media.set_frame_rate(29.97);
    media.set_bytes(5'000'000'000);
    media.mutable_duration()->set_seconds(7);
    return media;
  }

  Stream stream(const std::string& id) {
    GetStreamRequest request;
    request.set_stream_id(id);
    return call_on(*streams_, &v1::StreamService::Stub::GetStream, request).second.stream();
  }
};

// Else an instance would forget what a control that is killed has not written.
TEST_F(AttachStreamTest, AnEventIsTakenOnceItsCommitIsDurable) {
  const auto instance = attached("media-1");
  const Session session = publish(*instance);
  late_store_.hold();
  instance->event(1, session, SESSION_EVENT_KIND_STARTED);
  // Answered in the order of the messages.
  instance->touch("no session");
  const auto first = instance->next();
  EXPECT_TRUE(first && first->has_end_session()) << first->ShortDebugString();
  late_store_.release();
  EXPECT_TRUE(instance->taken(1));
}

TEST_F(AttachStreamTest, WelcomesAtOnceAndTakesInWithTheLastHeldSessions) {
  auto instance = connect("media-1");
  instance->hello();
  const auto welcome = instance->next();
  ASSERT_TRUE(welcome && welcome->has_welcome());
  EXPECT_EQ(wire::from_proto(welcome->welcome().report_interval()), 2s);
  EXPECT_EQ(wire::from_proto(welcome->welcome().lease()), 15s);
  EXPECT_EQ(welcome->welcome().relay_key(), relay_secret_.key_of("media-1", "first"));
  GetInstanceRequest request;
  request.set_instance_id("media-1");
  const grpc::Status unknown =
      call_on(*instances_, &v1::InstanceService::Stub::GetInstance, request).first;
  EXPECT_EQ(unknown.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(reason_of(unknown), "INSTANCE_NOT_FOUND");

  // What it holds may need many messages.
  instance->held({}, false);
  instance->held({}, false);
  instance->held();
  become_known(*instance);
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_STARTING);
  instance->report();
  become_known(*instance);
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_ACTIVE);
}

TEST_F(AttachStreamTest, RefusesMessagesOutOfOrder) {
  auto early = connect("media-1");
  early->report();
  EXPECT_EQ(early->status().error_code(), StatusCode::FAILED_PRECONDITION);
  auto twice = connect("media-2");
  twice->hello();
  twice->hello();
  EXPECT_EQ(reason_of(twice->status()), "INVALID_STATE");
  auto nameless = connect("");
  nameless->hello();
  EXPECT_EQ(reason_of(nameless->status()), "INVALID_FIELD");
}

TEST_F(AttachStreamTest, ASessionLivesFromItsStartToItsCompletion) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  EXPECT_EQ(session.state(), SESSION_STATE_PENDING);
  EXPECT_EQ(session.epoch(), 1);
  say(*instance, 1, session, SESSION_EVENT_KIND_STARTED);
  EXPECT_EQ(get(session).state(), SESSION_STATE_ACTIVE);
  clock_.advance(15s);
  instance->report();
  instance->touch(session.session_id());
  become_known(*instance);
  EXPECT_EQ(get(session).state(), SESSION_STATE_ACTIVE);
  say(*instance, 2, session, SESSION_EVENT_KIND_COMPLETED);
  EXPECT_EQ(get(session).end_reason(), END_REASON_COMPLETED);
}

TEST_F(AttachStreamTest, WhatIsToldLateIsRecordedWithItsTime) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  clock_.advance(10s);
  const WallTime ended = clock_.now().wall - 4s;
  instance->event(1, session, SESSION_EVENT_KIND_COMPLETED, std::nullopt, ended);
  ASSERT_TRUE(instance->taken(1));
  EXPECT_EQ(wire::from_proto(get(session).end_time()), ended);
}

TEST_F(AttachStreamTest, AnEndWithoutATimeIsNow) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  clock_.advance(10s);
  say(*instance, 1, session, SESSION_EVENT_KIND_COMPLETED);
  EXPECT_EQ(wire::from_proto(get(session).end_time()), clock_.now().wall);
}

TEST_F(AttachStreamTest, EventsSentAgainChangeNothingAndAreAcknowledged) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  say(*instance, 1, session, SESSION_EVENT_KIND_STARTED);
  say(*instance, 2, session, SESSION_EVENT_KIND_INTERRUPTED);
  instance->event(1, session, SESSION_EVENT_KIND_STARTED);
  EXPECT_TRUE(instance->taken(2));
  EXPECT_EQ(get(session).state(), SESSION_STATE_IDLE) << "still interrupted";

  instance.reset();
  instance = attached("media-1");
  say(*instance, 2, session, SESSION_EVENT_KIND_INTERRUPTED);
  say(*instance, 3, session, SESSION_EVENT_KIND_STARTED);
  EXPECT_EQ(get(session).state(), SESSION_STATE_ACTIVE);
}

TEST_F(AttachStreamTest, AKickReachesTheInstanceThatHoldsTheSession) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  KickSessionRequest kick;
  kick.set_session_id(session.session_id());
  kick.set_message("house rules");
  EXPECT_TRUE(call(&Sessions::Stub::KickSession, kick).first.ok());
  const auto end = instance->next_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->session_id(), session.session_id());
  EXPECT_EQ(end->epoch(), 1);
  EXPECT_EQ(end->reason(), END_REASON_KICKED);
  EXPECT_EQ(end->message(), "house rules");
}

TEST_F(AttachStreamTest, ATouchOfAnEndedSessionIsAnsweredWithItsEnd) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  ReleaseSessionRequest release;
  release.set_session_id(session.session_id());
  call(&Sessions::Stub::ReleaseSession, release);
  instance->next_end();
  instance->touch(session.session_id());
  const auto end = instance->next_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason(), END_REASON_RELEASED);
}

TEST_F(AttachStreamTest, ThePublisherThatMovedLeavesItsOldConnectionBehind) {
  auto first = attached("media-1");
  auto second = attached("media-2");
  const Session session = publish(*first);
  say(*first, 1, session, SESSION_EVENT_KIND_STARTED);
  say(*first, 2, session, SESSION_EVENT_KIND_INTERRUPTED);
  const Session adopted = publish(*second);
  EXPECT_EQ(adopted.session_id(), session.session_id());
  EXPECT_EQ(adopted.epoch(), 2);
  const auto told = first->next_end();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->reason(), END_REASON_MOVED);
  // What it says of the session all the same is answered, and changes nothing.
  first->event(3, session, SESSION_EVENT_KIND_STARTED);
  const auto end = first->next_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->epoch(), 1);
  EXPECT_EQ(end->reason(), END_REASON_MOVED);
  EXPECT_EQ(get(session).instance_id(), "media-2");
  EXPECT_EQ(observer_.stale_writes, 1);
}

TEST_F(AttachStreamTest, SilenceMakesAnInstanceUnreachableThenLost) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  say(*instance, 1, session, SESSION_EVENT_KIND_STARTED);
  clock_.advance(6s - 1ms);
  watch_fleet();
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_ACTIVE);
  clock_.advance(1ms);
  watch_fleet();
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_UNREACHABLE);
  EXPECT_EQ(get(session).state(), SESSION_STATE_ACTIVE) << "its sessions are untouched";
  EXPECT_EQ(
      reason_of(
          call_on(*streams_, &v1::StreamService::Stub::PickInstance, PickInstanceRequest()).first),
      "NO_INSTANCE_CAPACITY");
  instance->report();
  become_known(*instance);
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_ACTIVE);

  clock_.advance(6s);
  watch_fleet();
  clock_.advance(9s);
  watch_fleet();
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_LOST);
  EXPECT_EQ(get(session).state(), SESSION_STATE_IDLE) << "interrupted";
  EXPECT_EQ(instance->status().error_code(), StatusCode::UNAVAILABLE);

  instance = connect("media-1");
  instance->hello();
  instance->held({holding(session)});
  instance->touch(session.session_id());
  become_known(*instance);
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_ACTIVE);
  EXPECT_EQ(get(session).state(), SESSION_STATE_ACTIVE) << "its media still flows";
}

TEST_F(AttachStreamTest, ARestartedInstanceInterruptsWhatTheOldOneHeld) {
  auto old = attached("media-1", "first");
  const Session session = publish(*old);
  say(*old, 1, session, SESSION_EVENT_KIND_STARTED);
  auto fresh = attached("media-1", "second");
  EXPECT_EQ(reason_of(old->status()), "STALE_INCARNATION");
  EXPECT_EQ(get(session).state(), SESSION_STATE_IDLE);
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_ACTIVE);

  auto late = connect("media-1", "first");
  late->hello();
  EXPECT_EQ(late->status().error_code(), StatusCode::ABORTED);
  EXPECT_EQ(observer_.stale_writes, 1);
  auto request = admission("bob", "live/2", SESSION_KIND_PUBLISH);
  request.set_instance_id("media-1");
  request.set_incarnation("first");
  const grpc::Status status = admit(request).first;
  EXPECT_EQ(status.error_code(), StatusCode::ABORTED);
  EXPECT_EQ(reason_of(status), "STALE_INCARNATION");
}

TEST_F(AttachStreamTest, AForgottenSessionIsAdmittedAgainUnderItsId) {
  Session session;
  session.set_session_id(domain::SessionId(domain::bucket_of("alice"), 7, 7).str());
  session.set_user_id("alice");
  session.set_stream_id("live/1");
  session.set_kind(SESSION_KIND_PUBLISH);
  session.set_epoch(4);
  auto instance = connect("media-1");
  instance->hello();
  instance->held({holding(session)});
  become_known(*instance);
  const Session known = get(session);
  EXPECT_EQ(known.state(), SESSION_STATE_ACTIVE);
  EXPECT_EQ(known.epoch(), 4);
  EXPECT_EQ(known.instance_id(), "media-1");

  const Stream live = stream("live/1");
  EXPECT_EQ(live.publish_session_id(), session.session_id());
  EXPECT_EQ(live.epoch(), 4);
  EXPECT_EQ(live.route().rtmp_url(), "rtmp://media-1:1935");
}

TEST_F(AttachStreamTest, WhatIsBroughtBackBeyondTheLimitIsCounted) {
  UpdateUserLimitsRequest update;
  update.mutable_limits()->set_user_id("alice");
  update.mutable_limits()->set_max_play_sessions(1);
  call(&Sessions::Stub::UpdateUserLimits, update);
  std::vector<HeldSession> held;
  for (int i = 0; i < 3; ++i) {
    Session session;
    session.set_session_id(domain::SessionId(domain::bucket_of("alice"), 7 + i, 7 + i).str());
    session.set_user_id("alice");
    session.set_stream_id("live/" + std::to_string(i));
    session.set_kind(SESSION_KIND_PLAY);
    held.push_back(holding(session));
  }
  auto instance = connect("media-1");
  instance->hello();
  instance->held(held);
  become_known(*instance);
  EXPECT_EQ(observer_.admitted, 2) << "the first is within it";

  instance = connect("media-1");
  instance->hello();
  instance->held(held);
  become_known(*instance);
  EXPECT_EQ(observer_.admitted, 2) << "they were there";
}

TEST_F(AttachStreamTest, AStreamsMediaIsAsItsInstanceSaidLast) {
  const auto same = [](const MediaSummary& a, const MediaSummary& b) {
    return google::protobuf::util::MessageDifferencer::Equals(a, b);
  };
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  EXPECT_FALSE(stream("live/1").has_media());
  say(*instance, 1, session, SESSION_EVENT_KIND_STARTED, media("h264", 720));
  EXPECT_TRUE(same(stream("live/1").media(), media("h264", 720)));
  say(*instance, 2, session, SESSION_EVENT_KIND_STARTED, media("hevc", 1080));
  EXPECT_TRUE(same(stream("live/1").media(), media("hevc", 1080)));
  const auto listed =
      call_on(*streams_, &v1::StreamService::Stub::ListStreams, ListStreamsRequest()).second;
  ASSERT_EQ(listed.streams_size(), 1);
  EXPECT_TRUE(same(listed.streams(0).media(), media("hevc", 1080)));

  // Its next connection is described by its own instance.
  say(*instance, 3, session, SESSION_EVENT_KIND_INTERRUPTED, media("hevc", 1080));
  auto other = attached("media-2");
  const Session moved = publish(*other);
  EXPECT_EQ(moved.session_id(), session.session_id());
  EXPECT_TRUE(same(stream("live/1").media(), media("hevc", 1080)));
  say(*instance, 4, session, SESSION_EVENT_KIND_STARTED, media("h264", 240));
  EXPECT_TRUE(same(stream("live/1").media(), media("hevc", 1080))) << "an older epoch says nothing";
  say(*other, 1, moved, SESSION_EVENT_KIND_STARTED, media("av1", 2160));
  EXPECT_TRUE(same(stream("live/1").media(), media("av1", 2160)));

  say(*other, 2, moved, SESSION_EVENT_KIND_COMPLETED, media("av1", 2160));
  EXPECT_EQ(stream("live/1").stream_id(), "");
  EXPECT_FALSE(stream("live/1").has_media());
  publish(*other);
  EXPECT_FALSE(stream("live/1").has_media()) << "a new session has none yet";
}

TEST_F(AttachStreamTest, HeldSessionsSayWhatTheirMediaIs) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  instance.reset();
  instance = connect("media-1");
  instance->hello();
  HeldSession held = holding(session);
  *held.mutable_media() = media("h264", 720);
  instance->held({held});
  become_known(*instance);
  EXPECT_EQ(stream("live/1").media().height(), 720);
}

TEST_F(AttachStreamTest, WhatMediaCannotBe) {
  struct Case {
    const char* field;
    std::function<void(MediaSummary&)> spoil;
  };
  const Case cases[] = {
      {"media.video_codec", [](auto& media) { media.set_video_codec(std::string(129, 'x')); }},
      {"media.audio_codec", [](auto& media) { media.set_audio_codec("a\nc"); }},
      {"media.width", [](auto& media) { media.set_width(-1); }},
      {"media.height", [](auto& media) { media.set_height(-1); }},
      {"media.frame_rate", [](auto& media) { media.set_frame_rate(std::nan("")); }},
      {"media.bytes", [](auto& media) { media.set_bytes(-1); }},
      {"media.duration", [](auto& media) { media.mutable_duration()->set_seconds(-1); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.field);
    auto instance = attached("media-1");
    MediaSummary bad = media("h264", 720);
    c.spoil(bad);
    const std::string id = std::string("live/") + c.field;
    instance->event(1, publish(*instance, c.field, id), SESSION_EVENT_KIND_STARTED, bad);
    const grpc::Status status = instance->status();
    EXPECT_EQ(reason_of(status), "INVALID_FIELD");
    EXPECT_TRUE(names_field(status, c.field)) << status.error_message();
    EXPECT_FALSE(stream(id).has_media());
  }
}

TEST_F(AttachStreamTest, HeldSessionsThatWereReleasedHaveToGo) {
  auto instance = attached("media-1");
  const Session session = publish(*instance);
  instance.reset();
  ReleaseSessionRequest release;
  release.set_session_id(session.session_id());
  call(&Sessions::Stub::ReleaseSession, release);
  instance = connect("media-1");
  instance->hello();
  instance->held({holding(session)});
  const auto end = instance->next_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->session_id(), session.session_id());
  EXPECT_EQ(end->reason(), END_REASON_RELEASED);
}

TEST_F(AttachStreamTest, ASecondLineOfTheSameProcessTakesOver) {
  auto first = attached("media-1");
  auto second = attached("media-1");
  EXPECT_EQ(first->status().error_code(), StatusCode::ABORTED);
  EXPECT_EQ(reason_of(first->status()), "LINE_REPLACED");
  EXPECT_EQ(state_of("media-1"), INSTANCE_STATE_ACTIVE);
}

TEST_F(AttachStreamTest, StoppingSendsInstancesAway) {
  auto instance = attached("media-1");
  lines_.close_all();
  const auto message = instance->next();
  ASSERT_TRUE(message && message->has_reattach());
  EXPECT_EQ(wire::from_proto(message->reattach().within()), 10s);
  EXPECT_EQ(instance->status().error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(AttachStreamTest, AThousandEventsAreAllTakenInOrder) {
  constexpr int kSessions = 500;
  auto instance = attached("media-1");
  std::vector<Session> sessions;
  for (int i = 0; i < kSessions; ++i) {
    const std::string number = std::to_string(i);
    sessions.push_back(publish(*instance, "user-" + number, "live/" + number));
  }
  std::int64_t sequence = 0;
  for (const Session& session : sessions) {
    instance->event(++sequence, session, SESSION_EVENT_KIND_STARTED);
  }
  for (const Session& session : sessions) {
    instance->event(++sequence, session, SESSION_EVENT_KIND_COMPLETED);
  }
  EXPECT_TRUE(instance->taken(2 * kSessions));
  for (const Session& session : sessions) {
    ASSERT_EQ(get(session).end_reason(), END_REASON_COMPLETED);
  }
}

// An instance that only talks: what it has to hear finds room behind its acknowledgements.
TEST_F(AttachStreamTest, WhoDoesNotReadHasOneAcknowledgementWaiting) {
  constexpr std::int64_t kEvents = 2 * AttachStream::kMaxWaiting;
  // Else gRPC itself would hold all of it for who does not read.
  grpc::ChannelArguments narrow;
  narrow.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const auto stub = v1::InstanceService::NewStub(grpc::CreateCustomChannel(
      "127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials(), narrow));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 60s);
  const auto stream = stub->Attach(&context);
  AttachRequest message;
  message.mutable_hello()->set_instance_id("media-1");
  message.mutable_hello()->set_incarnation("first");
  stream->Write(message);
  message.mutable_held()->set_last(true);
  stream->Write(message);
  for (std::int64_t sequence = 1; sequence <= kEvents; ++sequence) {
    message.mutable_event()->set_sequence(sequence);
    message.mutable_event()->set_session_id("unknown");
    message.mutable_event()->set_kind(SESSION_EVENT_KIND_STARTED);
    ASSERT_TRUE(stream->Write(message));
  }
  message.mutable_report()->mutable_load()->set_publishers(7);
  stream->Write(message);
  const auto is_heard = [&] {
    const auto seen = lines_.sighting("media-1");
    return seen && seen->load.publishers == 7;
  };
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (!is_heard() && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_TRUE(is_heard());
  lines_.tell(domain::EndNotice{.instance_id = domain::Text("media-1"),
                                .session = domain::SessionId(1, 2, 3),
                                .epoch = 1,
                                .reason = domain::EndReason::kKicked,
                                .message = {}});
  AttachResponse told;
  while (stream->Read(&told) && !told.has_end_session()) {
  }
  EXPECT_TRUE(told.has_end_session());
  context.TryCancel();
}

TEST_F(AttachStreamTest, InstancesAreListedPageByPage) {
  std::vector<std::unique_ptr<AttachedInstance>> fleet;
  for (const char* id : {"media-3", "media-1", "media-2"}) fleet.push_back(attached(id));
  ListInstancesRequest request;
  request.add_states(INSTANCE_STATE_ACTIVE);
  request.set_page_size(2);
  const auto list = [&] {
    return call_on(*instances_, &v1::InstanceService::Stub::ListInstances, request);
  };
  const auto first = list().second;
  ASSERT_EQ(first.instances_size(), 2);
  EXPECT_EQ(first.instances(0).instance_id(), "media-1");
  EXPECT_EQ(first.instances(0).load().publishers(), 1);
  EXPECT_TRUE(first.instances(0).has_last_report_time());
  EXPECT_NE(first.instances(0).incarnation_digest(), "first");
  request.set_page_token(first.next_page_token());
  const auto second = list().second;
  ASSERT_EQ(second.instances_size(), 1);
  EXPECT_EQ(second.instances(0).instance_id(), "media-3");
  EXPECT_EQ(second.next_page_token(), "");
  request.clear_states();
  EXPECT_EQ(reason_of(list().first), "INVALID_FIELD") << "a token of other filters";
}

}  // namespace
}  // namespace weir::control::rpc
