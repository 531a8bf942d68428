#include "media_svc/hub/frame.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

class Counted final : public Rendering {
 public:
  explicit Counted(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~Counted() override { --alive_; }

 private:
  std::atomic<int>& alive_;
};

TEST(Frame, KeepsTheFirstRendering) {
  std::atomic<int> alive{0};
  {
    const FrameHandle frame = key(1);
    EXPECT_EQ(frame->rendering(), nullptr);
    const Rendering& first = frame->keep_rendering(std::make_unique<Counted>(alive));
    EXPECT_EQ(&frame->keep_rendering(std::make_unique<Counted>(alive)), &first);
    EXPECT_EQ(frame->rendering(), &first);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Frame, WorkersAgreeOnOneRendering) {
  std::atomic<int> alive{0};
  for (int round = 0; round < 200; ++round) {
    const FrameHandle frame = key(1);
    std::vector<const Rendering*> kept(2);
    const auto render = [&](std::size_t worker) {
      kept[worker] = &frame->keep_rendering(std::make_unique<Counted>(alive));
    };
    std::thread other([&] { render(1); });
    render(0);
    other.join();
    EXPECT_EQ(kept[0], kept[1]);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Frame, RestampedSharesThePayload) {
  const FrameHandle frame = key(1, 40);
  const FrameHandle later = Frame::restamped(*frame, 80);
  EXPECT_EQ(later->timestamp(), 80U);
  EXPECT_EQ(later->role(), flv::TagRole::kKeyframe);
  EXPECT_EQ(later->payload().data(), frame->payload().data());
}

}  // namespace
}  // namespace weir::media::hub
