#include "control_svc/store/stream_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control_svc/store/timed_store.h"
#include "tests/control_svc/store/operations_fixture.h"

namespace weir::control::store {
namespace {

using domain::SessionKind;

// Counts the claims that it shows.
class CountingStore final : public TimedStore {
 public:
  explicit CountingStore(RecordStore& store) : TimedStore(store, [](auto, auto) {}) {}

  void visit_claims(std::size_t bucket, std::string_view after, ClaimVisitor visitor,
                    Reply<Done> reply) override {
    TimedStore::visit_claims(
        bucket, after,
        [this, &visitor](const domain::StreamClaim& claim) {
          ++shown;
          return visitor(claim);
        },
        std::move(reply));
  }

  std::size_t shown = 0;
};

class StreamListing : public testing::Test {
 protected:
  domain::SessionId publish(const std::string& stream, const std::string& instance = "") {
    domain::AdmitRequest request = request_of(SessionKind::kPublish, "of " + stream, stream);
    request.instance_id = instance;
    const auto admitted = weir_.admit(request);
    EXPECT_TRUE(admitted);
    return admitted->session.id;
  }
  std::vector<std::string> page(StreamFilter filter) {
    const auto streams = OperationsFixture::answer_of<std::vector<LiveStream>>([&](auto done) {
      list_streams(store_, std::move(filter), weir_.clock.now(), std::move(done));
    });
    std::vector<std::string> ids;
    for (const LiveStream& stream : *streams) ids.push_back(stream.claim.stream_id.str());
    return ids;
  }

  OperationsFixture weir_;
  CountingStore store_{weir_.store};
};

TEST_F(StreamListing, AWholeListCostsAFewLooksAStreamHoweverManyPagesItHas) {
  constexpr std::size_t kStreams = 3'000;
  constexpr std::size_t kPage = 30;
  std::set<std::string> expected;
  for (std::size_t i = 0; i < kStreams; ++i) {
    const std::string stream = "live/" + std::to_string(i * 7919 % kStreams);
    publish(stream);
    expected.insert(stream);
  }
  std::vector<std::string> all;
  while (true) {
    const std::vector<std::string> next =
        page({.instance_id = "", .after = all.empty() ? "" : all.back(), .most = kPage});
    if (next.empty()) break;
    all.insert(all.end(), next.begin(), next.end());
  }
  EXPECT_THAT(all, testing::ElementsAreArray(expected));
  EXPECT_LE(store_.shown, 10 * kStreams);
}

TEST_F(StreamListing, FewAmongManyCostNoManyLooks) {
  constexpr std::size_t kStreams = 3'000;
  for (std::size_t i = 0; i < kStreams; ++i) {
    publish("live/" + std::to_string(10'000 + i), i % 1'000 == 999 ? "media-2" : "media-1");
  }
  EXPECT_THAT(page({.instance_id = "media-2", .after = "", .most = 2}),
              testing::ElementsAre("live/10999", "live/11999"));
  EXPECT_THAT(page({.instance_id = "media-2", .after = "live/11999", .most = 2}),
              testing::ElementsAre("live/12999"));
  EXPECT_LE(store_.shown, 10 * kStreams);
}

TEST_F(StreamListing, WhatIsOverTakesNoRoomOnAPage) {
  for (const char* stream : {"live/1", "live/3", "live/5"}) publish(stream);
  for (const char* stream : {"live/0", "live/2", "live/4"}) {
    const domain::SessionId over = publish(stream);
    OperationsFixture::answer_of<domain::UserSession>([&](auto done) {
      weir_.operations.release(over.str(), weir_.clock.now(), std::move(done));
    });
  }
  EXPECT_THAT(page({.instance_id = "", .after = "", .most = 2}),
              testing::ElementsAre("live/1", "live/3"));
  EXPECT_THAT(page({.instance_id = "", .after = "live/3", .most = 2}),
              testing::ElementsAre("live/5"));
}

}  // namespace
}  // namespace weir::control::store
