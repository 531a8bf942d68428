#include "media_svc/net/egress.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "media_svc/net/rtmp_rendering.h"

namespace weir::media::net {
namespace {

using boost::asio::ip::tcp;

// A socket that takes as many bytes as the test allows.
class NarrowTransport final : public Transport {
 public:
  IoResult read(std::span<std::uint8_t>) override { return {}; }
  IoResult write(std::span<const iovec> gathered) override {
    const std::size_t before = taken.size();
    for (const iovec& piece : gathered) {
      const auto* bytes = static_cast<const std::uint8_t*>(piece.iov_base);
      const std::size_t count = std::min(piece.iov_len, room);
      taken.insert(taken.end(), bytes, bytes + count);
      room -= count;
    }
    const std::size_t moved = taken.size() - before;
    return {.state = moved > 0 ? IoState::kDone : IoState::kAgain, .bytes = moved};
  }

  std::size_t room = 0;
  std::vector<std::uint8_t> taken;
};

hub::FrameHandle frame(flv::TagType type, std::uint32_t timestamp, std::size_t size) {
  return hub::Frame::make(type, timestamp, SharedBytes::copy_of(std::string(size, 'x')));
}

class EgressTest : public testing::Test {
 protected:
  void SetUp() override {
    // The session has its own things to say: the handshake's answer.
    session_ = rtmp::ServerSession(rtmp::ServerSession::Options{});
    std::vector<std::uint8_t> client(1 + 1536, 0);
    client[0] = 3;
    session_.feed(client);
    while (session_.next_event()) {
    }
    output_.assign(session_.output().begin(), session_.output().end());
    ASSERT_FALSE(output_.empty());
  }

  void gather(const Selection& selection = {}) {
    for (std::size_t i = 0; i < frames_.size(); ++i) gathering_.slots()[i] = frames_[i].get();
    gathering_.gather(frames_.size(), selection);
  }

  std::vector<std::uint8_t> expected() const {
    std::vector<std::uint8_t> all = output_;
    for (const auto& sent : frames_) {
      const auto bytes = rendered(*sent).span();
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
  }

  rtmp::ServerSession session_{rtmp::ServerSession::Options{}};
  std::vector<std::uint8_t> output_;
  std::vector<hub::FrameHandle> frames_{frame(flv::TagType::kVideo, 0, 700),
                                        frame(flv::TagType::kAudio, 3, 1),
                                        frame(flv::TagType::kVideo, 40, 0)};
  Gathering gathering_;
  NarrowTransport transport_;
  Egress egress_;
};

TEST_F(EgressTest, WritesEverythingAtOnceWhereTheSocketTakesIt) {
  transport_.room = 1u << 20;
  gather();
  const auto outcome = egress_.write(transport_, session_, gathering_);
  EXPECT_EQ(outcome.frames, 3u);
  EXPECT_FALSE(outcome.blocked);
  EXPECT_EQ(transport_.taken, expected());
  EXPECT_TRUE(session_.output().empty());
}

// Whatever the socket takes at a time, the bytes come out whole and in order.
TEST_F(EgressTest, ResumesAfterAnyCut) {
  const std::vector<std::uint8_t> all = expected();
  for (std::size_t step = 1; step < all.size(); step += 13) {
    SetUp();
    transport_.taken.clear();
    egress_ = {};
    std::size_t done = 0;
    while (transport_.taken.size() < all.size()) {
      for (std::size_t i = done; i < frames_.size(); ++i) {
        gathering_.slots()[i - done] = frames_[i].get();
      }
      gathering_.gather(frames_.size() - done, {});
      transport_.room = step;
      const auto outcome = egress_.write(transport_, session_, gathering_);
      ASSERT_GT(outcome.bytes, 0u);
      done += outcome.frames;
    }
    EXPECT_EQ(done, frames_.size());
    // The handshake's random bytes differ from session to session.
    ASSERT_EQ(transport_.taken.size(), all.size());
    EXPECT_TRUE(std::equal(transport_.taken.begin() + static_cast<std::ptrdiff_t>(output_.size()),
                           transport_.taken.end(),
                           all.begin() + static_cast<std::ptrdiff_t>(output_.size())));
  }
}

TEST_F(EgressTest, SaysSoWhereTheSocketTakesNothing) {
  gather();
  const auto outcome = egress_.write(transport_, session_, gathering_);
  EXPECT_TRUE(outcome.blocked);
  EXPECT_FALSE(outcome.failure);
  EXPECT_EQ(outcome.frames, 0u);
}

TEST_F(EgressTest, KeepsTheRestOfAFrameWhenItsHandleIsGone) {
  session_.consume_output(session_.output().size());
  const auto whole = rendered(*frames_[0]);
  frames_.resize(1);
  gather();
  transport_.room = 10;
  EXPECT_EQ(egress_.write(transport_, session_, gathering_).frames, 1u);
  frames_.clear();
  gathering_.clear();
  transport_.room = 1u << 20;
  egress_.write(transport_, session_, gathering_);
  EXPECT_TRUE(std::ranges::equal(transport_.taken, whole.span()));
}

TEST_F(EgressTest, LeavesOutWhatThePlayerDoesNotWant) {
  session_.consume_output(session_.output().size());
  transport_.room = 1u << 20;
  gather({.message_stream = 1, .audio = true, .video = false});
  EXPECT_EQ(egress_.write(transport_, session_, gathering_).frames, 3u);
  EXPECT_TRUE(std::ranges::equal(transport_.taken, rendered(*frames_[1]).span()));
}

TEST_F(EgressTest, IsDoneWithFramesOfWhichThePlayerWantsNone) {
  session_.consume_output(session_.output().size());
  gather({.message_stream = 1, .audio = false, .video = false});
  const auto outcome = egress_.write(transport_, session_, gathering_);
  EXPECT_EQ(outcome.frames, 3u);
  EXPECT_FALSE(outcome.blocked);
}

TEST_F(EgressTest, RendersForAnotherMessageStreamWithoutTouchingTheCommonRendering) {
  session_.consume_output(session_.output().size());
  transport_.room = 1u << 20;
  gather({.message_stream = 2, .audio = true, .video = true});
  egress_.write(transport_, session_, gathering_);
  // The message stream id stands at offset 8 of a full header, little-endian (RTMP 1.0, 5.3.1.2.1).
  EXPECT_EQ(transport_.taken.at(8), 2);
  EXPECT_EQ(frames_[0]->rendering(), nullptr);
}

// To TCP, a peer that leaves no room for data is as gone as one that is silent (the user timeout of
// RFC 5482 counts for both in Linux).
TEST_F(EgressTest, SaysThatThePeerAcknowledgesNothing) {
  boost::asio::io_context io;
  tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  tcp::socket deaf(io);
  deaf.connect(acceptor.local_endpoint());
  tcp::socket socket = acceptor.accept();
  const int timeout = 500;
  ASSERT_EQ(
      ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout),
      0);
  const auto transport = make_plain_transport(socket.native_handle());
  std::string bytes(1u << 20, 'x');
  const iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
  while (transport->write({&piece, 1}).state == IoState::kDone) {
  }

  pollfd ended{.fd = socket.native_handle(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&ended, 1, 30'000), 1);
  EXPECT_EQ(egress_.write(*transport, session_, gathering_).failure, IoState::kTimedOut);
}

}  // namespace
}  // namespace weir::media::net
