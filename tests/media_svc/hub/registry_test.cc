#include "media_svc/hub/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "media_svc/hub/cursor.h"
#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr WorkerId kHere = 0;
constexpr WorkerId kThere = 1;
constexpr WorkerId kElsewhere = 2;

// Workers whose posted work waits until the test runs it.
class RegistryTest : public testing::Test {
 protected:
  // Runs what waits for one worker; what that posts is run in its turn.
  void run(WorkerId worker) {
    while (!queues_[worker].empty()) {
      const auto work = std::move(queues_[worker].front());
      queues_[worker].pop_front();
      work();
    }
  }
  void run_all() {
    for (int round = 0; round < 4; ++round) {
      for (WorkerId worker = 0; worker < queues_.size(); ++worker) run(worker);
    }
  }
  std::size_t waiting(WorkerId worker) const { return queues_[worker].size(); }

  Publication publish(WorkerId worker, std::int64_t epoch = 1, PublicationEvents events = {}) {
    auto claim = registry_.claim("live/a", worker);
    EXPECT_TRUE(claim);
    auto publication = std::move(*claim).hold(epoch, std::move(events));
    EXPECT_TRUE(publication);
    return std::move(*publication);
  }

  void append(Publication& publication, const std::vector<FrameHandle>& frames) const {
    for (const FrameHandle& frame : frames) publication.append(frame, now_);
    publication.commit();
  }

  std::vector<Seen> drain(Cursor& cursor) const {
    std::vector<Seen> all;
    std::array<const Frame*, 16> frames{};
    while (const std::size_t count = cursor.peek(frames, now_)) {
      for (std::size_t i = 0; i < count; ++i) all.push_back(seen(*frames[i]));
      cursor.consume(count);
    }
    return all;
  }

  SteadyTime now_{seconds(100)};
  std::array<std::deque<std::function<void()>>, 3> queues_;
  Registry registry_{[this](WorkerId worker, std::function<void()> work) {
                       queues_[worker].push_back(std::move(work));
                     },
                     LogLimits{.bytes = 100'000}};
};

TEST_F(RegistryTest, ClaimsANameOnce) {
  {
    const auto first = registry_.claim("live/a", kHere);
    ASSERT_TRUE(first);
    const auto second = registry_.claim("live/a", kThere);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), HoldError::kNameClaimed);
    EXPECT_TRUE(registry_.claim("live/b", kThere));
  }
  EXPECT_TRUE(registry_.claim("live/a", kThere));
  EXPECT_EQ(registry_.size(), 0U);
}

TEST_F(RegistryTest, MovedClaimsGiveTheNameBackOnce) {
  auto first = registry_.claim("live/a", kHere);
  Claim moved = std::move(*first);
  auto other = registry_.claim("live/b", kHere);
  moved = std::move(*other);
  EXPECT_TRUE(registry_.claim("live/a", kHere));
  EXPECT_FALSE(registry_.claim("live/b", kHere));
}

TEST_F(RegistryTest, CountsWhatIsPublished) {
  EXPECT_FALSE(registry_.published("live/a"));
  Publication publication = publish(kHere);
  EXPECT_TRUE(registry_.published("live/a"));
  EXPECT_EQ(registry_.published_count(), 1U);
  publication.release(EndReason::kCompleted);
  EXPECT_FALSE(registry_.published("live/a"));
  EXPECT_EQ(registry_.published_count(), 0U);
  EXPECT_EQ(registry_.size(), 0U);
}

TEST_F(RegistryTest, NothingRemainsOfUnusedNames) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = "live/" + std::to_string(i);
    const Attachment there = registry_.attach(name, kThere);
    {
      auto claim = registry_.claim(name, kHere);
      auto publication = std::move(*claim).hold(1, {});
      run_all();
    }
    run_all();
  }
  EXPECT_EQ(registry_.size(), 0U);
}

TEST_F(RegistryTest, AttachmentsOnOneWorkerShareTheLogWithThePublisher) {
  Publication publication = publish(kHere);
  const Attachment first = registry_.attach("live/a", kHere);
  const Attachment second = registry_.attach("live/a", kHere);
  EXPECT_EQ(&first.log(), &second.log());
  append(publication, {key(1)});
  EXPECT_EQ(first.log().end(), 1U);
}

TEST_F(RegistryTest, FeedsAWorkerThatWaited) {
  const Attachment there = registry_.attach("live/a", kThere);
  Cursor viewer(there.log(), now_);
  Publication publication = publish(kHere);
  append(publication, {video_configuration(1), key(2), inter(3)});
  append(publication, {inter(4)});
  run(kThere);
  EXPECT_THAT(drain(viewer), ElementsAre(Seen{'V', 1}, Seen{'k', 2}, Seen{'i', 3}, Seen{'i', 4}));
}

TEST_F(RegistryTest, PostsOneBatchPerCommit) {
  const Attachment there = registry_.attach("live/a", kThere);
  Publication publication = publish(kHere);
  run_all();
  append(publication, {key(1), inter(2), inter(3)});
  EXPECT_EQ(waiting(kThere), 1U);
  EXPECT_EQ(waiting(kElsewhere), 0U);
}

TEST_F(RegistryTest, AWorkerThatJoinsLateStartsAtTheNewestKeyframe) {
  Publication publication = publish(kHere);
  append(publication, {video_configuration(1), key(2), inter(3), key(4), inter(5)});
  const Attachment there = registry_.attach("live/a", kThere);
  Cursor viewer(there.log(), now_);
  run_all();
  append(publication, {inter(6)});
  run_all();
  EXPECT_THAT(drain(viewer), ElementsAre(Seen{'V', 1}, Seen{'k', 4}, Seen{'i', 5}, Seen{'i', 6}));
  Cursor second(there.log(), now_);
  EXPECT_EQ(drain(second).size(), 4U);
}

TEST_F(RegistryTest, ThePublisherHearsOfReadersOnItsWorkerAndElsewhere) {
  int watched = 0;
  const Publication publication = publish(kHere, 1, {.on_watched = [&] { ++watched; }});
  const Attachment here = registry_.attach("live/a", kHere);
  EXPECT_EQ(watched, 0) << "called from within an attachment";
  run(kHere);
  EXPECT_EQ(watched, 1);
  const Attachment there = registry_.attach("live/a", kThere);
  run(kHere);
  EXPECT_EQ(watched, 2);
}

TEST_F(RegistryTest, APublisherThatWasReplacedHearsOfNoReaders) {
  int watched = 0;
  const Publication old = publish(kHere, 1, {.on_watched = [&] { ++watched; }});
  const Attachment before = registry_.attach("live/a", kHere);
  const Publication next = publish(kThere, 2);
  const Attachment after = registry_.attach("live/a", kElsewhere);
  run_all();
  EXPECT_EQ(watched, 1);
}

TEST_F(RegistryTest, FramesAreSharedWithReplicasNotCopied) {
  const Attachment there = registry_.attach("live/a", kThere);
  Publication publication = publish(kHere);
  const FrameHandle frame = key(1);
  append(publication, {frame});
  run_all();
  EXPECT_EQ(&there.log().at(0), frame.get());
}

TEST_F(RegistryTest, EndsReplicasWithTheReason) {
  const Attachment there = registry_.attach("live/a", kThere);
  Publication publication = publish(kHere);
  append(publication, {key(1)});
  run_all();
  EXPECT_TRUE(there.log().live());
  publication.release(EndReason::kCompleted);
  publication.release(EndReason::kInterrupted);
  run_all();
  EXPECT_FALSE(there.log().live());
}

TEST_F(RegistryTest, LeavesNoFeedBehindWhenTheViewersAreGone) {
  Publication publication = publish(kHere);
  {
    const Attachment there = registry_.attach("live/a", kThere);
  }
  run_all();
  append(publication, {key(1)});
  EXPECT_EQ(waiting(kThere), 0U);
  // Back within one post: fed once.
  {
    const Attachment there = registry_.attach("live/a", kThere);
  }
  const Attachment again = registry_.attach("live/a", kThere);
  run_all();
  append(publication, {inter(2)});
  run_all();
  EXPECT_EQ(again.log().end(), 2U);
}

TEST_F(RegistryTest, ANewerEpochReplacesTheHolder) {
  const Attachment viewers = registry_.attach("live/a", kElsewhere);
  Cursor viewer(viewers.log(), now_);
  int replaced = 0;
  std::optional<Publication> old = publish(kHere, 1, {.on_replaced = [&] { ++replaced; }});
  append(*old, {video_configuration(1), key(2)});
  run_all();
  Publication next = publish(kThere, 2);
  append(next, {video_configuration(1), key(3)});
  // Late news of the old one, before it has heard.
  append(*old, {inter(4)});
  run_all();
  EXPECT_EQ(replaced, 1);
  EXPECT_THAT(drain(viewer), ElementsAre(Seen{'V', 1}, Seen{'k', 2}, Seen{'V', 1}, Seen{'k', 3}));
  old.reset();
  run_all();
  EXPECT_TRUE(viewers.log().live());
  EXPECT_TRUE(registry_.published("live/a"));
  EXPECT_EQ(registry_.published_count(), 1U);
}

TEST_F(RegistryTest, ANewerEpochReplacesTheHolderOnTheSameWorker) {
  const Attachment there = registry_.attach("live/a", kThere);
  Cursor viewer(there.log(), now_);
  std::optional<Publication> old = publish(kHere, 1);
  append(*old, {key(1)});
  Publication next = publish(kHere, 2);
  append(next, {key(2)});
  append(*old, {inter(3)});
  run_all();
  append(next, {inter(4)});
  old.reset();
  run_all();
  EXPECT_THAT(drain(viewer), ElementsAre(Seen{'k', 1}, Seen{'k', 2}, Seen{'i', 4}));
}

// A publisher that control could not be asked about comes back with the epoch that it had.
TEST_F(RegistryTest, TheSameEpochIsNotOlder) {
  bool replaced = false;
  const Publication old = publish(kHere, 5, {.on_replaced = [&] { replaced = true; }});
  auto claim = registry_.claim("live/a", kThere);
  ASSERT_TRUE(claim);
  const auto held = std::move(*claim).hold(5, {});
  EXPECT_TRUE(held);
  run_all();
  EXPECT_TRUE(replaced);
}

TEST_F(RegistryTest, AnOlderEpochIsRefused) {
  const Publication publication = publish(kHere, 5);
  auto claim = registry_.claim("live/a", kThere);
  ASSERT_TRUE(claim);
  const auto refused = std::move(*claim).hold(4, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), HoldError::kNewerHolder);
  EXPECT_TRUE(registry_.claim("live/a", kThere)) << "the claim is spent";
}

TEST_F(RegistryTest, TheOldHolderMayEndBeforeItHearsOfTheNewOne) {
  int replaced = 0;
  std::optional<Publication> old = publish(kHere, 1, {.on_replaced = [&] { ++replaced; }});
  const Publication next = publish(kThere, 2);
  old.reset();
  run_all();
  EXPECT_EQ(replaced, 0);
  EXPECT_TRUE(registry_.published("live/a"));
}

TEST_F(RegistryTest, WhatIsRelayedIsPlayedButDoesNotCountAsPublished) {
  const Attachment there = registry_.attach("live/a", kThere);
  Cursor viewer(there.log(), now_);
  auto relayed = registry_.relay("live/a", kHere, 3, [] {});
  ASSERT_TRUE(relayed);
  append(*relayed, {key(1)});
  run_all();
  EXPECT_THAT(drain(viewer), ElementsAre(Seen{'k', 1}));
  EXPECT_FALSE(registry_.published("live/a"));
  EXPECT_EQ(registry_.published_count(), 0U);
  relayed->release(EndReason::kMoved);
  EXPECT_EQ(registry_.published_count(), 0U);
}

TEST_F(RegistryTest, ARelayKeepsOffANameThatIsHeldOrClaimed) {
  const auto refusal = [&] {
    const auto refused = registry_.relay("live/a", kThere, 9, [] {});
    return refused ? std::optional<HoldError>() : refused.error();
  };
  {
    const auto claim = registry_.claim("live/a", kHere);
    EXPECT_EQ(refusal(), HoldError::kNotFree);
  }
  {
    const Publication publication = publish(kHere, 1);
    EXPECT_EQ(refusal(), HoldError::kNotFree);
  }
  {
    const auto relayed = registry_.relay("live/a", kHere, 1, [] {});
    EXPECT_EQ(refusal(), HoldError::kNotFree);
  }
  EXPECT_EQ(registry_.size(), 0U);
}

TEST_F(RegistryTest, APublisherTakesTheRelaysPlaceButNotThatOfANewerStream) {
  int replaced = 0;
  auto relayed = registry_.relay("live/a", kHere, 5, [&] { ++replaced; });
  ASSERT_TRUE(relayed);
  auto late = registry_.claim("live/a", kThere);
  ASSERT_TRUE(late);
  EXPECT_FALSE(std::move(*late).hold(4, {}));
  std::optional<Publication> publisher = publish(kThere, 6);
  run_all();
  EXPECT_EQ(replaced, 1);
  relayed->release(EndReason::kMoved);
  EXPECT_TRUE(registry_.published("live/a"));
  EXPECT_EQ(registry_.published_count(), 1U);
  publisher.reset();
  EXPECT_EQ(registry_.published_count(), 0U);
}

// Looks at the registry when it hears of the end.
struct EndWatcher final : LogListener {
  explicit EndWatcher(const Registry& asked) : registry(asked) {}
  void on_begin() override {}
  void on_frames() override {}
  void on_end(EndReason) override { published_at_end = registry.published("live/a"); }

  const Registry& registry;
  std::optional<bool> published_at_end;
};

TEST_F(RegistryTest, WhoHearsOfTheEndFindsTheNameFree) {
  const Attachment viewers = registry_.attach("live/a", kHere);
  EndWatcher watcher(registry_);
  viewers.log().set_listener(&watcher);
  std::optional<Publication> publication = publish(kHere);
  publication.reset();
  EXPECT_EQ(watcher.published_at_end, false);
  viewers.log().set_listener(nullptr);
}

TEST_F(RegistryTest, AWorkerThatStallsIsSentLessAndGoesOnAtAKeyframe) {
  const Attachment there = registry_.attach("live/a", kThere);
  Cursor viewer(there.log(), now_);
  Publication publication = publish(kHere);
  run_all();
  const support::Bytes large(1'000'000, 1);
  for (std::uint8_t picture = 0; picture < 60; ++picture) {
    append(publication,
           {Frame::make(flv::TagType::kVideo, picture,
                        SharedBytes::copy_of(support::avc_frame(picture % 10 == 0, large)))});
  }
  EXPECT_LE(waiting(kThere), ReplicaFeed::kMaxInFlight / large.size() + 2);
  run_all();
  drain(viewer);
  append(publication, {inter(60, 60), key(61, 61)});
  run_all();
  const auto after = drain(viewer);
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after.back(), (Seen{'k', 61}));
}

TEST_F(RegistryTest, PublishersComeAndGoWhileViewersWait) {
  const Attachment there = registry_.attach("live/a", kThere);
  Cursor viewer(there.log(), now_);
  for (std::uint8_t round = 1; round <= 3; ++round) {
    Publication publication = publish(round % 2 == 0 ? kHere : kElsewhere, round);
    append(publication, {video_configuration(1), key(round)});
    publication.release(EndReason::kCompleted);
    run_all();
    EXPECT_THAT(drain(viewer), ElementsAre(Seen{'V', 1}, Seen{'k', round}));
  }
}

}  // namespace
}  // namespace weir::media::hub
