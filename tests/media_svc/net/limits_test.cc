// Each limit of net, with what it does to whoever reaches it and what it counts.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/media_svc/net/service_fixture.h"
#include "tests/media_svc/rtmp/conversation.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientRefused;
using rtmp::ClientStarted;
using rtmp::MessageType;
using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class LimitsTest : public ServiceFixture {
 protected:
  bool wait_for_limit(const std::string& limit) const {
    return wait_for_metric("weir_limits_hit_total{limit=\"" + limit + "\"} 1");
  }
};

// A byte now and then gains nothing: the time counts from the connection's start.
TEST_F(LimitsTest, ADrippedHandshakeIsClosed) {
  limits.handshake = 600ms;
  start();
  RtmpPeer peer(listener->address());
  std::atomic<bool> closed = false;
  std::thread dripping([&] {
    for (int i = 0; i < 1'500 && !closed; ++i) {
      peer.send_raw(std::string(1, i == 0 ? '\x03' : '\0'));
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_TRUE(peer.wait_closed());
  closed = true;
  dripping.join();
  EXPECT_TRUE(wait_for_limit("handshake"));
  EXPECT_TRUE(wait_for_metric("weir_rtmp_handshakes_total{result=\"timeout\"} 1"));
}

TEST_F(LimitsTest, AClientThatNeitherPublishesNorPlaysIsClosed) {
  limits.connect_to_stream = 400ms;
  start();
  RtmpPeer peer(listener->address());
  // C0, C1 and a C2 that nobody compares.
  peer.send_raw("\x03" + std::string(1536, '\0') + std::string(1536, '\0'));
  EXPECT_TRUE(peer.wait_closed());
  EXPECT_TRUE(wait_for_limit("connect_to_stream"));
}

TEST_F(LimitsTest, TheTimeToANextStreamCountsFromTheLastOnesEnd) {
  limits.connect_to_stream = 3s;
  start();
  RtmpPeer publisher = this->publisher("long");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(wait_for_turns(13));
  const SteadyTime stopped = net::steady_now();
  publisher.stop();
  EXPECT_TRUE(publisher.wait_closed());
  EXPECT_GE(net::steady_now() - stopped, limits.connect_to_stream);
}

TEST_F(LimitsTest, MediaWithoutBytesBeforeAdmissionIsBoundedToo) {
  limits.pending_admission_bytes = 64u << 10;
  start();
  control.hold_admissions();
  RtmpPeer publisher = this->publisher("empty");
  ASSERT_TRUE(wait_asked(publisher, 1));
  for (std::size_t i = 0; i <= limits.pending_admission_bytes / sizeof(rtmp::Message); ++i) {
    publisher.send(MessageType::kAudio, 0, "");
  }
  EXPECT_TRUE(publisher.wait_for<ClientRefused>());
  EXPECT_TRUE(wait_for_limit("pending_admission"));
}

TEST_F(LimitsTest, ASilentPublisherIsInterruptedThenClosed) {
  limits.silence_interrupts = 300ms;
  limits.silence_closes = 900ms;
  start();
  RtmpPeer publisher = this->publisher("quiet");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  EXPECT_TRUE(publisher.wait_closed());
  EXPECT_TRUE(wait_for_limit("silence_interrupt"));
  EXPECT_TRUE(wait_for_limit("silence"));
  ASSERT_TRUE(link->flush(30s));
  EXPECT_EQ(control.seen().told(), (Told{"session-1 started", "session-1 interrupted"}));
}

// Its encoder takes no notice of the end, and another of its streams lives.
TEST_F(LimitsTest, MediaOfAnEndedStreamThatGoesOnEndsItsConnection) {
  limits.rtmp.stray_media_seconds = 1;
  start();
  RtmpPeer publisher = this->publisher("one");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  publisher.send_raw(rtmp::publish("two", 2));
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  control.end_session("session-2", 0, v1::END_REASON_KICKED);
  ASSERT_TRUE(publisher.wait_for<ClientRefused>());
  std::atomic<bool> closed = false;
  std::thread going_on([&] {
    for (int i = 0; i < 1'500 && !closed; ++i) {
      publisher.send_raw(rtmp::message_bytes(MessageType::kAudio, rtmp::bytes(0xAF, 1), 2));
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_TRUE(publisher.wait_closed());
  closed = true;
  going_on.join();
  EXPECT_TRUE(wait_for_limit("stray_media"));
  EXPECT_TRUE(control.wait_told_last("session-1 interrupted"));
}

// What one connection sends, by its limit; each is made small first.
struct Excess {
  std::string limit;
  void (*tighten)(rtmp::Limits& limits);
  // Bytes, after the handshake and connect.
  std::string bytes;
};

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// A whole header (RTMP 1.0, section 5.3.1.2.1) on chunk stream `stream`.
std::string header(char stream, char type, char length_high, char length_low) {
  return {stream, 0, 0, 0, 0, length_high, length_low, type, 0, 0, 0, 0};
}

std::vector<Excess> excesses() {
  constexpr char kAcknowledgement = 3;
  constexpr char kAudio = 8;
  constexpr char kVideo = 9;
  constexpr char kCommand = 20;
  const std::string ping_answer = header(2, kAcknowledgement, 0, 4) + std::string(4, '\0');
  // createStream(2, null)
  const std::string create_stream =
      std::string("\x02\0\x0C", 3) + "createStream" + std::string("\0\x40\0\0\0\0\0\0\0\x05", 10);
  // play(0, null, "a") on message stream 2, which ends the play before.
  std::string play = header(5, kCommand, 0, 21);
  play[8] = 2;
  play += std::string(
      "\x02\0\x04play\0\0\0\0\0\0\0\0\0\x05\x02\0\x01"
      "a",
      21);
  // AMF0: a string, and a strict array's beginning.
  const std::string name("\x02\0\x01x", 4);
  const std::string array_of_one("\x0A\0\0\0\x01", 5);
  const std::string one_byte_chunk = std::string{'\xC5', 'x'};
  // SetChunkSize.
  const std::string chunks_of_1 = header(2, 1, 0, 4) + std::string{0, 0, 0, 1};
  const std::string chunks_of_128 = header(2, 1, 0, 4) + std::string{0, 0, 0, '\x80'};
  const std::string chunks_of_4096 = header(2, 1, 0, 4) + std::string{0, 0, 16, 0};
  std::string chunk_streams = chunks_of_128;
  for (char stream = 8; stream < 48; ++stream) {
    chunk_streams += header(stream, kVideo, 4, 0) + std::string(128, 'x');
  }
  return {
      {"message_rate", [](rtmp::Limits& limits) { limits.control_messages = 50; },
       repeated(ping_answer, 100)},
      {"message_rate", [](rtmp::Limits& limits) { limits.stream_requests = 5; },
       repeated(play, 10)},
      {"message_rate", [](rtmp::Limits& limits) { limits.media_messages = 50; },
       repeated(header(5, kAudio, 0, 0), 100)},
      {"tiny_chunks", [](rtmp::Limits& limits) { limits.tiny_chunks = 50; },
       chunks_of_1 + header(5, kVideo, 1, 0) + "x" + repeated(one_byte_chunk, 200)},
      {"message_streams", [](rtmp::Limits& limits) { limits.message_streams = 3; },
       repeated(header(5, kCommand, 0, static_cast<char>(create_stream.size())) + create_stream,
                5)},
      {"chunk_streams", [](rtmp::Limits& limits) { limits.chunk_streams = 16; }, chunk_streams},
      {"partial_bytes", [](rtmp::Limits& limits) { limits.partial_bytes = 2'000; }, chunk_streams},
      {"message_bytes", [](rtmp::Limits& limits) { limits.message_bytes = 10'000; },
       header(5, kVideo, 127, 0)},
      {"amf_depth", [](rtmp::Limits& limits) { limits.amf_depth = 4; },
       header(5, kCommand, 0, 4 + 5 * 5) + name + repeated(array_of_one, 5)},
      {"command_bytes", [](rtmp::Limits& limits) { limits.command_bytes = 1'000; },
       chunks_of_4096 + header(5, kCommand, 16, 0) + std::string(4'096, 'x')}};
}

class ExcessTest : public LimitsTest, public ::testing::WithParamInterface<Excess> {};

TEST_P(ExcessTest, EndsItsConnectionAndNoOther) {
  GetParam().tighten(limits.rtmp);
  start();
  RtmpPeer good = publisher("good");
  ASSERT_TRUE(good.wait_for<ClientStarted>());
  RtmpPeer bad = publisher("bad");
  ASSERT_TRUE(bad.wait_for<ClientStarted>());
  bad.send_raw(GetParam().bytes);
  EXPECT_TRUE(bad.wait_closed());
  EXPECT_TRUE(wait_for_limit(GetParam().limit));
  EXPECT_TRUE(streams->published("live/good"));
}

INSTANTIATE_TEST_SUITE_P(Limits, ExcessTest, ::testing::ValuesIn(excesses()));

TEST_F(LimitsTest, MediaBeforeAdmissionIsBounded) {
  limits.pending_admission_bytes = 64u << 10;
  start();
  control.hold_admissions();
  RtmpPeer publisher = this->publisher("flood");
  ASSERT_TRUE(wait_asked(publisher, 1));
  for (int i = 0; i < 100; ++i) {
    publisher.send(MessageType::kVideo, 0, keyframe(std::string(4'000, 'x')));
  }
  EXPECT_TRUE(publisher.wait_closed());
  EXPECT_TRUE(wait_for_limit("pending_admission"));
  control.release_admissions();
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released.size() == 1; }));
}

TEST_F(LimitsTest, AnAdmissionThatTakesTooLongIsRefusedAndGivenBack) {
  limits.admission_timeout = 300ms;
  start();
  control.hold_admissions();
  RtmpPeer publisher = this->publisher("late");
  const auto refused = publisher.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->description, "admission is unavailable; retry in 5 s");
  EXPECT_TRUE(
      wait_for_metric("weir_admission_seconds_count{kind=\"publish\",result=\"timeout\"} 1"));
  control.release_admissions();
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released.size() == 1; }));
}

TEST_F(LimitsTest, OneConnectionTooManyIsClosed) {
  limits.connections = 2;
  start();
  const RtmpPeer first(listener->address());
  const RtmpPeer second(listener->address());
  ASSERT_TRUE(wait_for_metric("weir_rtmp_connections{role=\"idle\"} 2"));
  RtmpPeer third(listener->address());
  EXPECT_TRUE(third.wait_closed());
  EXPECT_TRUE(wait_for_limit("connections"));
}

TEST_F(LimitsTest, OneConnectionTooManyOfAnAddressIsClosed) {
  limits.connections_per_address = 1;
  start();
  const RtmpPeer first(listener->address());
  ASSERT_TRUE(wait_for_metric("weir_rtmp_connections{role=\"idle\"} 1"));
  RtmpPeer second(listener->address());
  EXPECT_TRUE(second.wait_closed());
  EXPECT_TRUE(wait_for_limit("connections_per_address"));
}

TEST_F(LimitsTest, PublishersAndPlayersHaveTheirOwnLimits) {
  limits.publishers = 1;
  limits.players = 1;
  start();
  RtmpPeer publisher = this->publisher("one");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("one");
  ASSERT_TRUE(player.wait_for<ClientStarted>());

  RtmpPeer other_publisher = this->publisher("two");
  ASSERT_TRUE(other_publisher.wait_for<ClientRefused>());
  EXPECT_TRUE(wait_for_limit("publishers"));
  RtmpPeer other_player = this->player("one");
  ASSERT_TRUE(other_player.wait_for<ClientRefused>());
  EXPECT_TRUE(wait_for_limit("players"));
  EXPECT_EQ(control.seen().admissions.size(), 2u);
}

TEST_F(LimitsTest, APlayerThatNeverReadsIsClosedAndSlowsNobody) {
  limits.egress_lag = 1'000ms;
  start();
  RtmpPeer publisher = this->publisher("busy");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer stuck = player("busy");
  ASSERT_TRUE(stuck.wait_for<ClientStarted>());
  RtmpPeer good = player("busy");
  ASSERT_TRUE(good.wait_for<ClientStarted>());

  std::atomic<bool> done = false;
  std::thread publishing([&] {
    for (std::uint32_t i = 0; !done && i < 3'000; ++i) {
      publisher.send(MessageType::kVideo, i * 10, keyframe(std::string(60'000, 'x')));
      publisher.poll();
      std::this_thread::sleep_for(10ms);
    }
  });
  std::thread reading([&] {
    while (!done && good.next_event()) {
    }
  });
  EXPECT_TRUE(wait_for_limit("egress_lag"));
  EXPECT_TRUE(wait_for_metric("weir_players{protocol=\"rtmp\"} 1"));
  done = true;
  publishing.join();
  publisher.send(MessageType::kVideo, 40'000, keyframe("last"));
  reading.join();
}

TEST_F(LimitsTest, WhatASlowPlayerIsNotSentIsCountedOnce) {
  limits.egress_lag = 1h;
  start();
  RtmpPeer publisher = this->publisher("busy");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer slow = player("busy");
  ASSERT_TRUE(slow.wait_for<ClientStarted>());
  // More than its sockets and the stream's log hold.
  constexpr int kFrames = 80;
  for (int i = 1; i < kFrames; ++i) {
    publisher.send(MessageType::kVideo, 0, keyframe(std::string(1u << 20, 'x')));
  }
  publisher.send(MessageType::kVideo, 0, keyframe("last"));
  ASSERT_TRUE(wait_for_metric("weir_frames_total{kind=\"video\"} " + std::to_string(kFrames)));
  int received = 0;
  std::optional<std::string> frame;
  do {
    frame = next_video(slow);
    ++received;
  } while (frame && frame != keyframe("last"));
  ASSERT_LT(received, kFrames);
  const std::string skipped = "weir_frames_skipped_total{protocol=\"rtmp\"} ";
  const std::string line = skipped + std::to_string(kFrames - received) + "\n";
  EXPECT_TRUE(wait_for_metric(line));
  // It is looked at once a second.
  ASSERT_TRUE(wait_for_turns(6));
  EXPECT_NE(registry.text().find(line), std::string::npos);
}

TEST_F(LimitsTest, APlayerWaitsForItsStreamOnlySoLong) {
  limits.play_wait = 300ms;
  start();
  RtmpPeer player = this->player("nobody");
  const auto refused = player.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Play.StreamNotFound");
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released.size() == 1; }));
  EXPECT_TRUE(wait_until([&] { return streams->size() == 0; }));
}

TEST_F(LimitsTest, OtherProtocolsAreClosedAtOnceAndNamed) {
  start();
  RtmpPeer http(listener->address());
  http.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(http.wait_closed());
  EXPECT_TRUE(wait_for_metric("weir_protocol_errors_total{kind=\"http\"} 1"));

  RtmpPeer tls(listener->address());
  tls.send_raw(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(tls.wait_closed());
  EXPECT_TRUE(wait_for_metric("weir_protocol_errors_total{kind=\"tls\"} 1"));
  EXPECT_TRUE(wait_for_metric("weir_rtmp_handshakes_total{result=\"failed\"} 2"));

  // Everyone else goes on.
  RtmpPeer publisher = this->publisher("fine");
  EXPECT_TRUE(publisher.wait_for<ClientStarted>());
}

}  // namespace
}  // namespace weir::media::testing
