#include "media_svc/rtmp/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "media_svc/rtmp/rendering.h"
#include "tests/media_svc/rtmp/conversation.h"

namespace weir::media::rtmp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Bytes audio(std::uint32_t time, const Bytes& payload, std::uint32_t stream_id = 1) {
  return message_bytes(MessageType::kAudio, payload, stream_id, time, 4);
}

Bytes video(std::uint32_t time, const Bytes& payload, std::uint32_t stream_id = 1) {
  return message_bytes(MessageType::kVideo, payload, stream_id, time, 6);
}

Bytes create_stream() { return command("createStream", 4); }

Bytes delete_stream(double id) { return command("deleteStream", 0, amf_number(id)); }

Conversation publishing(const Bytes& properties = {}) {
  auto conversation = Conversation::connected({}, properties);
  conversation.say(bytes(create_stream(), publish("cam?token=t")));
  conversation.session().accept_publish(1);
  conversation.events();
  conversation.heard();
  return conversation;
}

Conversation playing() {
  auto conversation = Conversation::connected();
  conversation.say(bytes(create_stream(), play("cam")));
  conversation.session().accept_play(1);
  conversation.events();
  conversation.heard();
  return conversation;
}

TEST(ServerSession, ConnectsAndPublishes) {
  Conversation client;
  client.say(bytes(handshake_bytes(), connect(), create_stream(), publish("cam?token=t")));
  EXPECT_THAT(client.events(), ElementsAre("handshake", "connected live", "publish 1 live/cam"));
  EXPECT_THAT(client.heard(),
              ElementsAre("type 5 5000000", "type 6 5000000", "type 1 60000",
                          "_result 1 0 NetConnection.Connect.Success", "_result 4 0 1"));
  client.session().accept_publish(1);
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Publish.Start"));
  client.say(bytes(video(10, repeated(300, 1)), audio(12, {})));
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 9 at 10: 300", "media 1 type 8 at 12: 0"));
}

TEST(ServerSession, SaysTheSameHoweverTheClientIsCut) {
  const Bytes all = bytes(handshake_bytes(), connect(), create_stream(), publish("cam"),
                          video(10, repeated(300, 1)), audio(12, repeated(3, 1)), delete_stream(1));
  Conversation whole;
  whole.say(all);
  Conversation dripped;
  for (const std::uint8_t byte : all) dripped.say({byte});
  EXPECT_EQ(whole.events(), dripped.events());
  EXPECT_EQ(whole.heard(), dripped.heard());
}

TEST(ServerSession, MediaMayComeBeforeThePublishIsAccepted) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), publish("cam"), audio(1, bytes(1))));
  EXPECT_THAT(client.events(), ElementsAre("publish 1 live/cam", "media 1 type 8 at 1: 1"));
  EXPECT_THAT(client.heard(), ElementsAre("_result 4 0 1"));
}

TEST(ServerSession, RefusesAPublish) {
  for (const auto status : {StatusCode::kPublishBadName, StatusCode::kPublishDenied}) {
    auto client = Conversation::connected();
    client.say(bytes(create_stream(), publish("cam")));
    client.heard();
    client.events();
    client.session().refuse_publish(1, status, "in use");
    EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 " + std::string(code(status))));
    client.session().accept_publish(1);
    client.say(bytes(audio(1, bytes(1)), delete_stream(1)));
    EXPECT_THAT(client.events(), IsEmpty());
    EXPECT_THAT(client.heard(), IsEmpty());
  }
}

TEST(ServerSession, RefusesNamesThatAreNone) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), publish("..")));
  EXPECT_THAT(client.heard(),
              ElementsAre("_result 4 0 1", "onStatus 0 1 NetStream.Publish.BadName"));
  client.say(play("a//b"));
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Play.Failed"));
  EXPECT_THAT(client.events(), IsEmpty());
}

TEST(ServerSession, RefusesAppsThatAreNone) {
  for (const std::string app : {"", "..", "a\nb"}) {
    Conversation client;
    client.say(bytes(handshake_bytes(), connect(app)));
    EXPECT_THAT(client.events(), ElementsAre("handshake", "fault invalid_app"));
    EXPECT_THAT(client.heard(), ElementsAre("_error 1 0 NetConnection.Connect.InvalidApp"));
  }
}

// A connection keeps both.
TEST(ServerSession, RefusesToKeepLongConnectTexts) {
  const auto connected = [](std::size_t app_bytes, std::size_t url_bytes) {
    Bytes payload = command_payload("connect", 1);
    Amf0Writer writer(payload);
    writer.begin_object();
    writer.key("app").string(std::string(app_bytes, 'a'));
    writer.key("tcUrl").string(std::string(url_bytes, 'u'));
    writer.end_object();
    Conversation client;
    client.say(bytes(handshake_bytes(), message_bytes(MessageType::kCommandAmf0, payload)));
    return client.events().back();
  };
  EXPECT_THAT(connected(8192, 8192), testing::StartsWith("connected"));
  EXPECT_EQ(connected(8193, 1), "fault invalid_app");
  EXPECT_EQ(connected(1, 8193), "fault invalid_app");
}

TEST(ServerSession, PlaysOnceAccepted) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), command("getStreamLength", 7, amf_string("cam")), play("cam")));
  EXPECT_THAT(client.events(), ElementsAre("play 1 live/cam"));
  EXPECT_THAT(client.heard(), ElementsAre("_result 4 0 1", "_result 7 0 0"));
  client.session().accept_play(1);
  EXPECT_THAT(client.heard(), ElementsAre("user control 0 1", "onStatus 0 1 NetStream.Play.Reset",
                                          "onStatus 0 1 NetStream.Play.Start", "data 1"));
  client.session().accept_play(1);
  EXPECT_THAT(client.heard(), IsEmpty()) << "once";
}

TEST(ServerSession, RefusesAPlay) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), play("cam")));
  client.heard();
  client.session().refuse_play(1, StatusCode::kPlayStreamNotFound, "not here");
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Play.StreamNotFound"));
}

TEST(ServerSession, TellsPlayersThatThePublisherWentAndCame) {
  auto client = playing();
  client.session().notify_unpublished(1);
  client.session().notify_published(1);
  EXPECT_THAT(client.heard(),
              ElementsAre("user control 1 1", "onStatus 0 1 NetStream.Play.UnpublishNotify",
                          "user control 0 1", "onStatus 0 1 NetStream.Play.PublishNotify"));
  client.session().end_play(1, StatusCode::kPlayStop, "over");
  EXPECT_THAT(client.heard(), ElementsAre("user control 1 1", "onStatus 0 1 NetStream.Play.Stop"));
  client.session().notify_unpublished(1);
  EXPECT_THAT(client.heard(), IsEmpty());
}

TEST(ServerSession, PlayersPauseSeekAndChoose) {
  auto client = playing();
  client.say(bytes(command("pause", 0, bytes(amf_boolean(true), amf_number(5)), 1),
                   command("pauseRaw", 0, bytes(amf_boolean(false), amf_number(5)), 1),
                   command("seek", 0, amf_number(1500), 1),
                   command("receiveAudio", 0, amf_boolean(false), 1),
                   command("receiveVideo", 0, amf_boolean(false), 1)));
  EXPECT_THAT(client.events(),
              ElementsAre("paused 1", "unpaused 1", "seek 1 to 1500", "no audio 1", "no video 1"));
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Pause.Notify",
                                          "onStatus 0 1 NetStream.Unpause.Notify",
                                          "onStatus 0 1 NetStream.Seek.Notify"));
}

TEST(ServerSession, VideoAgainIsASeek) {
  auto client = playing();
  client.say(command("receiveVideo", 0, amf_boolean(true), 1));
  EXPECT_THAT(client.events(), IsEmpty()) << "it had never been without";
  EXPECT_THAT(client.heard(), IsEmpty());
  client.say(bytes(command("receiveVideo", 0, amf_boolean(false), 1),
                   command("receiveVideo", 0, amf_boolean(true), 1)));
  EXPECT_THAT(client.events(), ElementsAre("no video 1", "video 1"));
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Seek.Notify",
                                          "onStatus 0 1 NetStream.Play.Start"));
}

TEST(ServerSession, VideoAgainBeforeThePlayStartsIsNoSeek) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), play("cam"), command("receiveVideo", 0, amf_boolean(false), 1),
                   command("receiveVideo", 0, amf_boolean(true), 1)));
  EXPECT_THAT(client.events(), ElementsAre("play 1 live/cam", "no video 1", "video 1"));
  EXPECT_THAT(client.heard(), ElementsAre("_result 4 0 1"));
}

TEST(ServerSession, EachPlayBeginsWithVideo) {
  auto client = playing();
  client.say(bytes(command("receiveVideo", 0, amf_boolean(false), 1), play("other"),
                   command("receiveVideo", 0, amf_boolean(false), 1)));
  EXPECT_THAT(client.events(),
              ElementsAre("no video 1", "play ended 1", "play 1 live/other", "no video 1"));
}

TEST(ServerSession, APlayMayBeForATime) {
  struct Case {
    Bytes arguments;
    std::string expected;
  };
  const double infinite = std::numeric_limits<double>::infinity();
  const Case cases[] = {
      {amf_number(-2000), ""},
      {bytes(amf_number(0), amf_number(1500)), " for 1500 ms"},
      {bytes(amf_number(-1000), amf_number(1500), amf_boolean(true)), " for 1500 ms"},
      {bytes(amf_number(5000), amf_number(-1)), ""},
      {bytes(amf_number(-1), amf_number(0)), ""},
      {bytes(amf_number(-1), amf_string("long")), ""},
      {bytes(amf_number(-1), amf_number(infinite)), " for 4294967295 ms"},
      {bytes(amf_number(-1), amf_number(std::nan(""))), ""},
  };
  for (const Case& item : cases) {
    auto client = Conversation::connected();
    client.say(command("play", 5, bytes(amf_string("cam"), item.arguments), 1));
    EXPECT_THAT(client.events(), ElementsAre("play 1 live/cam" + item.expected));
  }
}

TEST(ServerSession, APlayerMayTakeAnotherStream) {
  auto client = playing();
  client.say(play("other"));
  EXPECT_THAT(client.events(), ElementsAre("play ended 1", "play 1 live/other"));
}

struct Ending {
  std::string name;
  Bytes said;
};

TEST(ServerSession, EveryWayToEndAPublishEndsItOnce) {
  const Ending endings[] = {
      {"deleteStream", delete_stream(1)},
      {"closeStream", command("closeStream", 0, {}, 1)},
      {"FCUnpublish", command("FCUnpublish", 6, amf_string("cam?token=t"))},
      {"FCUnpublish by another name", command("FCUnpublish", 6, amf_string("else"))},
      {"as OBS does",
       bytes(command("FCUnpublish", 6, amf_string("cam?token=t")), delete_stream(1))},
      {"everything", bytes(command("closeStream", 0, {}, 1), delete_stream(1), delete_stream(1),
                           command("FCUnpublish", 6, amf_string("cam")))},
  };
  for (const Ending& ending : endings) {
    auto client = publishing();
    client.say(bytes(ending.said, audio(1, bytes(1))));
    EXPECT_THAT(client.events(), ElementsAre("publish ended 1 completed")) << ending.name;
    EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Unpublish.Success"));
  }
}

// Some encoders say it once more behind deleteStream, or for a stream that was refused.
TEST(ServerSession, FCUnpublishOfAStreamThatIsOverEndsNoOther) {
  for (const bool refused : {false, true}) {
    auto client = publishing();
    client.say(bytes(create_stream(), publish("other", 2)));
    client.events();
    if (refused) {
      client.session().refuse_publish(2, StatusCode::kPublishDenied, "no");
    } else {
      client.say(delete_stream(2));
      EXPECT_THAT(client.events(), ElementsAre("publish ended 2 completed"));
    }
    client.say(bytes(command("FCUnpublish", 6, amf_string("other")), command("FCUnpublish", 7)));
    EXPECT_THAT(client.events(), IsEmpty());
    client.say(command("FCUnpublish", 6, amf_string("cam")));
    EXPECT_THAT(client.events(), ElementsAre("publish ended 1 completed"));
  }
}

// A chunk stream that begins with fmt 1 names no message stream.
TEST(ServerSession, MediaOfNoMessageStreamIsOfTheOnlyPublish) {
  auto client = publishing();
  const Bytes tag = bytes(chunk_header(1, {.chunk_stream = 9, .time = 40, .length = 2}), 1, 2);
  client.say(tag);
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 40: 2"));
  client.say(bytes(create_stream(), publish("other", 2)));
  client.events();
  client.say(tag);
  EXPECT_THAT(client.events(), IsEmpty()) << "of two it may be either's";
}

TEST(ServerSession, PublishesAgainAfterDeleteStream) {
  auto client = publishing();
  client.say(bytes(delete_stream(1), create_stream(), publish("cam2")));
  EXPECT_THAT(client.events(), ElementsAre("publish ended 1 completed", "publish 1 live/cam2"));
  client.say(bytes(delete_stream(1), publish("cam3")));
  EXPECT_THAT(client.events(), ElementsAre("publish ended 1 completed", "publish 1 live/cam3"));
}

TEST(ServerSession, RefusesASecondPublishWhileTheFirstIsPending) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), publish("cam"), publish("cam2")));
  EXPECT_THAT(client.events(), ElementsAre("publish 1 live/cam"));
  EXPECT_THAT(client.heard(),
              ElementsAre("_result 4 0 1", "onStatus 0 1 NetStream.Publish.BadName"));
  client.session().accept_publish(1);
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Publish.Start"));
}

TEST(ServerSession, RefusesASecondPublishOnOneMessageStream) {
  auto client = publishing();
  client.say(publish("cam2"));
  EXPECT_THAT(client.events(), IsEmpty());
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Publish.BadName"));
  client.say(audio(3, bytes(1)));
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 3: 1"));
}

TEST(ServerSession, GivesEachCreateStreamItsOwnId) {
  auto client = Conversation::connected();
  client.say(bytes(create_stream(), create_stream(), create_stream()));
  EXPECT_THAT(client.heard(), ElementsAre("_result 4 0 1", "_result 4 0 2", "_result 4 0 3"));
  client.say(bytes(publish("a", 1), publish("b", 3), audio(1, bytes(1), 3), audio(2, bytes(2), 2)));
  EXPECT_THAT(client.events(),
              ElementsAre("publish 1 live/a", "publish 3 live/b", "media 3 type 8 at 1: 1"));
  client.say(command("FCUnpublish", 0, amf_string("b")));
  EXPECT_THAT(client.events(), ElementsAre("publish ended 3 completed"));
  client.say(bytes(delete_stream(2), create_stream()));
  EXPECT_EQ(client.heard().back(), "_result 4 0 2");
}

TEST(ServerSession, BoundsMessageStreams) {
  auto client = Conversation::connected();
  for (int i = 0; i < 16; ++i) client.say(create_stream());
  EXPECT_THAT(client.events(), IsEmpty());
  client.say(create_stream());
  EXPECT_THAT(client.events(), ElementsAre("fault message_streams"));
}

TEST(ServerSession, AnswersCourtesiesAndIgnoresTheUnknown) {
  auto client = Conversation::connected();
  client.say(bytes(
      command("releaseStream", 2, amf_string("cam")), command("FCPublish", 3, amf_string("cam")),
      command("_checkbw", 4), command("FCPublish", 0, amf_string("cam")), command("_result", 9),
      command("whatever", 10), message_bytes(static_cast<MessageType>(99), bytes(1, 2, 3)),
      message_bytes(MessageType::kSharedObjectAmf0, bytes(1)),
      message_bytes(MessageType::kUserControl, bytes(0, 3, 0, 0, 0, 1), 0, 0, 2)));
  EXPECT_THAT(client.events(), IsEmpty());
  EXPECT_THAT(client.heard(), ElementsAre("_result 2 0 -1", "_result 3 0 -1", "_result 4 0 -1"));
}

TEST(ServerSession, TakesControlMessagesOnAnyChunkStream) {
  auto client = publishing();
  client.say(bytes(message_bytes(MessageType::kSetChunkSize, u32(1000), 0, 0, 9),
                   chunk_header(0, {.length = 1000}), repeated(1000, 1)));
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 0: 1000"));
}

TEST(ServerSession, ForgetsAMessageThatIsAborted) {
  auto client = publishing();
  client.say(bytes(chunk_header(0, {.length = 200}), repeated(128, 1),
                   message_bytes(MessageType::kAbort, bytes(0, 0), 0, 0, 2),
                   message_bytes(MessageType::kAbort, u32(4), 0, 0, 2),
                   chunk_header(0, {.time = 40, .length = 200}), repeated(128, 2),
                   basic_header(3, 4), repeated(72, 2)));
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 40: 200"));
}

TEST(ServerSession, RefusesChunkSizesThatCannotBe) {
  for (const std::uint32_t size : {0u, 0x8000'0000u, 0xFFFF'FFFFu}) {
    auto client = Conversation::connected();
    client.say(message_bytes(MessageType::kSetChunkSize, u32(size)));
    EXPECT_THAT(client.events(), ElementsAre("fault chunk_size")) << size;
  }
  auto client = publishing();
  client.say(bytes(message_bytes(MessageType::kSetChunkSize, u32(0x7FFF'FFFF)),
                   chunk_header(0, {.length = 100'000}), repeated(100'000, 1)));
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 0: 100000"));
}

TEST(ServerSession, WantsConnectFirstAndOnce) {
  Conversation early;
  early.say(bytes(handshake_bytes(), create_stream()));
  EXPECT_THAT(early.events(), ElementsAre("handshake", "fault unexpected_command"));
  auto twice = Conversation::connected();
  twice.say(connect());
  EXPECT_THAT(twice.events(), ElementsAre("fault unexpected_command"));
}

TEST(ServerSession, SaysNothingMoreAfterAFault) {
  auto client = Conversation::connected();
  client.say(connect());
  client.events();
  client.say(bytes(create_stream(), publish("cam")));
  EXPECT_THAT(client.events(), IsEmpty());
  EXPECT_THAT(client.heard(), IsEmpty());
}

TEST(ServerSession, RefusesDeepAmfBeforeAndAfterConnect) {
  Bytes deep = command_payload("connect", 1);
  for (int i = 0; i < 10'000; ++i) append_to(deep, bytes(3, 0, 1, "a"));
  const Bytes said = message_bytes(MessageType::kCommandAmf0, deep);
  Conversation before;
  before.say(bytes(handshake_bytes(), said));
  EXPECT_THAT(before.events(), ElementsAre("handshake", "fault amf_depth"));
  auto after = Conversation::connected();
  after.say(said);
  EXPECT_THAT(after.events(), ElementsAre("fault amf_depth"));
}

TEST(ServerSession, BoundsCommands) {
  auto client = Conversation::connected();
  client.say(command("whatever", 1, amf_string(std::string(65'000, 'x'))));
  EXPECT_THAT(client.events(), IsEmpty());
  client.say(command("whatever", 1, amf_string(std::string(65'600, 'x'))));
  EXPECT_THAT(client.events(), ElementsAre("fault command_bytes"));
}

TEST(ServerSession, BoundsPingsBetweenRenewals) {
  const Bytes ping = message_bytes(MessageType::kUserControl, bytes(0, 6, 0, 0, 0, 7), 0, 0, 2);
  auto client = Conversation::connected({.limits = {.control_messages = 5}});
  client.say(bytes(ping, ping, ping));
  EXPECT_THAT(client.heard(),
              ElementsAre("user control 7 7", "user control 7 7", "user control 7 7"));
  client.session().renew_budget();
  for (int i = 0; i < 5; ++i) client.say(ping);
  EXPECT_THAT(client.events(), IsEmpty());
  client.say(ping);
  EXPECT_THAT(client.events(), ElementsAre("fault message_rate"));
}

TEST(ServerSession, BoundsEmptyMedia) {
  ServerSession::Options options;
  options.limits.media_messages = 100;
  auto client = Conversation::connected(options);
  client.say(bytes(create_stream(), publish("cam"), audio(0, {})));
  client.events();
  client.say(repeated(99, 0xC4));
  EXPECT_EQ(client.events().size(), 99u);
  client.session().renew_budget();
  client.say(repeated(100, 0xC4));
  EXPECT_EQ(client.events().size(), 100u);
  client.say(repeated(1, 0xC4));
  EXPECT_THAT(client.events(), ElementsAre("fault message_rate"));
}

TEST(ServerSession, BoundsRequestsBetweenRenewals) {
  auto client = Conversation::connected({.limits = {.stream_requests = 2}});
  for (int i = 0; i < 3; ++i) {
    client.say(bytes(play("one"), play("two")));
    client.session().renew_budget();
  }
  client.events();
  client.say(bytes(play("one"), play("two"), play("three")));
  EXPECT_EQ(client.events().back(), "fault message_rate");
}

TEST(ServerSession, BoundsTinyChunksBetweenRenewals) {
  const auto message = [] {
    Bytes out = bytes(chunk_header(0, {.length = 11}), 1);
    for (int i = 1; i < 11; ++i) append_to(out, bytes(basic_header(3, 4), 1));
    return out;
  };
  auto client = Conversation::connected({.limits = {.tiny_chunks = 10}});
  client.say(bytes(create_stream(), publish("cam"),
                   message_bytes(MessageType::kSetChunkSize, u32(1), 0, 0, 2)));
  client.events();
  for (int i = 0; i < 3; ++i) {
    client.session().renew_budget();
    client.say(message());
    EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 0: 11"));
  }
  client.say(message());
  EXPECT_THAT(client.events(), ElementsAre("fault tiny_chunks"));
}

TEST(ServerSession, IgnoresControlMessagesThatAreCutShort) {
  auto client = Conversation::connected();
  for (const MessageType type :
       {MessageType::kUserControl, MessageType::kAbort, MessageType::kAcknowledgement,
        MessageType::kWindowAcknowledgementSize, MessageType::kSetPeerBandwidth}) {
    for (const Bytes& payload : {Bytes(), bytes(0), bytes(0, 6), bytes(0, 6, 0)}) {
      client.say(message_bytes(type, payload, 0, 0, 2));
    }
  }
  client.say(message_bytes(MessageType::kUserControl, bytes(0, 6, 0, 0, 0), 0, 0, 2));
  EXPECT_THAT(client.events(), IsEmpty());
  EXPECT_THAT(client.heard(), IsEmpty());
}

// One message may hold more than a second's.
TEST(ServerSession, BoundsMediaInAggregates) {
  auto client = Conversation::connected({.limits = {.media_messages = 100}});
  client.say(bytes(create_stream(), publish("cam")));
  client.events();
  Bytes empty_tags;
  for (int i = 0; i < 200; ++i) append_to(empty_tags, bytes(8, repeated(10, 0), u32(11)));
  client.say(message_bytes(MessageType::kAggregate, empty_tags, 1, 0, 6));
  const auto events = client.events();
  ASSERT_EQ(events.size(), 100u);
  EXPECT_EQ(events.back(), "fault message_rate");
}

// What was on its way when its stream ended is thrown away; what goes on for ever is not.
TEST(ServerSession, BoundsMediaOfStreamsThatPublishNothing) {
  auto client = Conversation::connected({.limits = {.stray_media_seconds = 3}});
  client.say(bytes(create_stream(), publish("a", 1), publish("b", 2)));
  client.session().accept_publish(1);
  client.session().accept_publish(2);
  client.session().end_publish(2, StatusCode::kPublishDenied, "kicked");
  client.events();
  const auto second = [&](std::uint32_t stream_id) {
    client.say(bytes(audio(0, bytes(1), 1), audio(0, bytes(1), stream_id)));
    client.session().renew_budget();
    return client.events().back();
  };
  const std::string taken = "media 1 type 8 at 0: 1";
  // One without gives back one with.
  EXPECT_EQ(second(2), taken);
  EXPECT_EQ(second(2), taken);
  EXPECT_EQ(second(1), taken);
  EXPECT_EQ(second(1), taken);
  EXPECT_EQ(second(1), taken);
  EXPECT_EQ(second(2), taken);
  EXPECT_EQ(second(7), taken);
  EXPECT_EQ(second(2), taken);
  EXPECT_EQ(second(1), taken);
  EXPECT_EQ(second(2), taken);
  EXPECT_EQ(second(2), "fault stray_media");
}

TEST(ServerSession, BoundsAnswersThatNobodyReads) {
  ServerSession session({.limits = {.output_bytes = 5000}});
  session.feed({});
  const Bytes hello = bytes(handshake_bytes(), connect());
  session.feed(hello);
  while (session.next_event()) {
  }
  std::string fault;
  const Bytes ping = message_bytes(MessageType::kUserControl, bytes(0, 6, 0, 0, 0, 7), 0, 0, 2);
  for (int i = 0; i < 1000 && fault.empty(); ++i) {
    session.feed(ping);
    while (const auto event = session.next_event()) {
      if (const auto* ended = std::get_if<ProtocolFault>(&*event))
        fault = label(ended->fault.error);
    }
  }
  EXPECT_EQ(fault, "output_bytes");
  EXPECT_LE(session.output().size(), 5100u);
}

TEST(ServerSession, AcknowledgesHalfAWindowAndEarlierForWhoWaits) {
  auto client = Conversation::connected({.acknowledgement_window = 20'000});
  client.say(bytes(create_stream(), publish("cam")));
  client.heard();
  client.say(audio(0, repeated(3000, 1)));
  EXPECT_THAT(client.heard(), IsEmpty());
  client.say(audio(0, repeated(6000, 1)));
  const auto heard = client.heard();
  ASSERT_EQ(heard.size(), 1u);
  const std::string word = "type 3 ";
  ASSERT_THAT(heard[0], testing::StartsWith(word));
  client.say(message_bytes(MessageType::kWindowAcknowledgementSize, u32(1000), 0, 0, 2));
  client.say(audio(0, repeated(600, 1)));
  const auto heard_later = client.heard();
  ASSERT_EQ(heard_later.size(), 1u);
  // All that was ever received.
  EXPECT_GT(std::stoul(heard_later[0].substr(word.size())),
            std::stoul(heard[0].substr(word.size())));
  // Nor later than before, whatever it says then.
  client.say(message_bytes(MessageType::kWindowAcknowledgementSize, u32(1'000'000), 0, 0, 2));
  client.say(audio(0, repeated(600, 1)));
  EXPECT_EQ(client.heard().size(), 1u);
}

TEST(ServerSession, TakesAggregatesApart) {
  const auto tag = [](int type, std::uint32_t time, const Bytes& payload) {
    return bytes(type, u24(static_cast<std::uint32_t>(payload.size())), u24(time & 0xFFFFFF),
                 static_cast<int>(time >> 24), 0, 0, 0, payload,
                 u32(static_cast<std::uint32_t>(11 + payload.size())));
  };
  auto client = publishing();
  client.say(
      bytes(message_bytes(MessageType::kAggregate,
                          bytes(tag(8, 0x0200'0000, bytes(1)), tag(9, 0x0200'0005, bytes(1, 2)),
                                tag(20, 0, bytes(1)), tag(18, 0x0200'0006, amf_string("onText")),
                                bytes(9, 0, 0, 99)),
                          1, 1000, 6),
            audio(2000, bytes(1))));
  EXPECT_THAT(client.events(),
              ElementsAre("media 1 type 8 at 1000: 1", "media 1 type 9 at 1005: 2",
                          "media 1 type 18 at 1006: 9", "media 1 type 8 at 2000: 1"));
}

// Some leave out the last back pointer, or cut it.
TEST(ServerSession, TakesAggregatesOfAnyLengthApart) {
  const auto header = [](std::uint32_t length) { return bytes(8, u24(length), repeated(7, 0)); };
  for (const std::size_t back_pointer : {0u, 1u, 3u, 4u, 7u}) {
    for (const std::uint32_t length : {0u, 1u}) {
      auto client = publishing();
      const Bytes two = bytes(header(2), 1, 2, u32(13), header(length), repeated(length, 3),
                              repeated(back_pointer, 0));
      client.say(message_bytes(MessageType::kAggregate, two, 1, 40, 6));
      EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 40: 2",
                                               "media 1 type 8 at 40: " + std::to_string(length)))
          << back_pointer;
    }
  }
}

TEST(ServerSession, SpeaksAmf3) {
  Conversation client;
  Bytes connect_payload = bytes(0, command_payload("connect", 1));
  Amf0Writer writer(connect_payload);
  writer.begin_object();
  writer.key("app").string("live");
  writer.key("objectEncoding").number(3);
  writer.end_object();
  // publish("cam") with its name in AMF3.
  const Bytes publish_payload =
      bytes(0, command_payload("publish", 5), 5, 0x11, 6, 7, "cam", amf_string("live"));
  client.say(
      bytes(handshake_bytes(), message_bytes(MessageType::kCommandAmf3, connect_payload),
            create_stream(), message_bytes(MessageType::kCommandAmf3, publish_payload, 1),
            message_bytes(MessageType::kDataAmf3,
                          bytes(0, amf_string("@setDataFrame"), amf_string("onMetaData")), 1),
            message_bytes(MessageType::kSharedObjectAmf3, bytes(0, 1), 1)));
  EXPECT_THAT(client.events(), ElementsAre("handshake", "connected live", "publish 1 live/cam",
                                           "media 1 type 18 at 0: 13"));
}

TEST(ServerSession, TakesAmf3CommandsWithoutTheirZeroByte) {
  auto client = Conversation::connected();
  Bytes payload = command_payload("createStream", 4);
  Amf0Writer(payload).null();
  client.say(message_bytes(MessageType::kCommandAmf3, payload));
  EXPECT_THAT(client.heard(), ElementsAre("_result 4 0 1"));
}

TEST(ServerSession, AnswersConnectWithWhatItCanDo) {
  ServerSession session({});
  const Bytes hello =
      bytes(handshake_bytes(), connect("live", bytes(0, 14, "objectEncoding", amf_number(3))));
  session.feed(hello);
  while (session.next_event()) {
  }
  ChunkReader reader{Limits{}};
  auto output = session.output().subspan(1 + 2 * 1536);
  for (;;) {
    const auto message = reader.next(output);
    ASSERT_TRUE(message && *message);
    if ((*message)->type == MessageType::kSetChunkSize) {
      reader.set_chunk_size(load_u32((*message)->payload.data()));
    }
    if ((*message)->type != MessageType::kCommandAmf0) continue;
    const auto answer = parse_command(**message);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->object(1).find("objectEncoding")->number(), 3);
    for (const std::size_t index : {0u, 1u}) {
      const AmfObject& object = answer->object(index);
      EXPECT_EQ(object.find("capsEx")->number(), 1 + 2 + 4 + 8);
      EXPECT_EQ(object.find("fourCcList")->get_if<AmfArray>()->items.size(), 12u);
      EXPECT_EQ(object.find("videoFourCcInfoMap")->object()->find("hvc1")->number(), 4);
      EXPECT_EQ(object.find("audioFourCcInfoMap")->object()->find("Opus")->number(), 4);
    }
    return;
  }
}

TEST(ServerSession, AsksToReconnectOnlyWhoCan) {
  auto old = publishing();
  EXPECT_FALSE(old.session().request_reconnect("rtmp://other/live", ""));
  EXPECT_THAT(old.heard(), IsEmpty());
  old.say(delete_stream(1));
  EXPECT_THAT(old.events(), ElementsAre("publish ended 1 completed"));

  auto client = publishing(bytes(0, 6, "capsEx", amf_number(1)));
  EXPECT_TRUE(client.session().request_reconnect("rtmp://other/live", "moving"));
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 0 NetConnection.Connect.ReconnectRequest"));
  client.say(audio(1, bytes(1)));
  EXPECT_THAT(client.events(), ElementsAre("media 1 type 8 at 1: 1"));
  client.say(bytes(command("FCUnpublish", 0, amf_string("cam")), delete_stream(1)));
  EXPECT_THAT(client.events(), ElementsAre("publish ended 1 interrupted"));
}

TEST(ServerSession, AnEndThatWeCausedToMoveIsInterrupted) {
  auto client = publishing();
  client.session().expect_move();
  client.session().end_publish(1, StatusCode::kUnpublishSuccess, "moving");
  EXPECT_THAT(client.heard(), ElementsAre("onStatus 0 1 NetStream.Unpublish.Success"));
  client.say(delete_stream(1));
  EXPECT_THAT(client.events(), IsEmpty());

  auto leaving = publishing();
  leaving.session().expect_move();
  leaving.say(delete_stream(1));
  EXPECT_THAT(leaving.events(), ElementsAre("publish ended 1 interrupted"));
}

TEST(ServerSession, IsSmallWhenIdle) {
  auto client = Conversation::connected();
  EXPECT_LE(sizeof(ServerSession), 1024u);
  EXPECT_TRUE(client.session().output().empty());
}

}  // namespace
}  // namespace weir::media::rtmp
