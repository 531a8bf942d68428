// Publishers whose socket is looked at seldom while nobody watches.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "tests/media_svc/net/service_fixture.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientMedia;
using rtmp::ClientSession;
using rtmp::ClientStarted;
using rtmp::MessageType;
using namespace std::chrono_literals;

class PausedReadTest : public ServiceFixture {
 protected:
  // `between` connections come between publisher and player: each new one goes to the worker that
  // has fewest.
  void expect_picture_at_once(const std::string& name, int between) {
    RtmpPeer& publisher = peers_.emplace_back(listener->address(), kPublish, name);
    ASSERT_TRUE(publisher.wait_for<ClientStarted>());
    publisher.send(MessageType::kVideo, 0, video_header());
    ASSERT_TRUE(wait_for_frames(++frames_));
    // From here on the socket is left alone for longer than a test waits for anything.
    publisher.send(MessageType::kVideo, 0, keyframe(name));

    for (int i = 0; i < between; ++i) peers_.emplace_back(listener->address());
    RtmpPeer& player = peers_.emplace_back(listener->address(), kPlay, name);
    std::optional<ClientMedia> media;
    do {
      media = player.wait_for<ClientMedia>();
      ASSERT_TRUE(media) << name;
    } while (media->message.payload != SharedBytes::copy_of(keyframe(name)));
    ++frames_;
  }

 private:
  static constexpr auto kPublish = ClientSession::Role::kPublish;
  static constexpr auto kPlay = ClientSession::Role::kPlay;

  bool wait_for_frames(int count) const {
    return wait_for_metric("weir_frames_total{kind=\"video\"} " + std::to_string(count) + "\n");
  }

  // Video frames that the service has read.
  int frames_ = 0;
  std::deque<RtmpPeer> peers_;
};

TEST_F(PausedReadTest, APlayerThatComesEndsThePause) {
  limits.ingress_merge_max = 1h;
  start();
  expect_picture_at_once("other-worker", 0);
  expect_picture_at_once("same-worker", 1);
}

TEST_F(PausedReadTest, AConnectionIsDoneOnceItsPublishIs) {
  limits.ingress_merge_max = 1h;
  start();
  RtmpPeer publisher = this->publisher("brief");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  publisher.stop();
  EXPECT_TRUE(wait_until([&] { return !streams->published("live/brief"); }));
  publisher.close();
  EXPECT_TRUE(wait_until([&] { return workers->at(0).load() + workers->at(1).load() == 0; }));
}

}  // namespace
}  // namespace weir::media::testing
