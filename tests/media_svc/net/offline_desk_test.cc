#include "media_svc/net/offline_desk.h"

#include <gtest/gtest.h>

#include <chrono>

namespace weir::media::net {
namespace {

using control_link::AdmissionRequest;

constexpr SteadyTime kNow{std::chrono::seconds{1'000}};

AdmissionRequest presented(const std::string& user, const std::string& credential,
                           const std::string& address) {
  AdmissionRequest request;
  request.user_id = user;
  request.credential = credential;
  request.client_address = address;
  return request;
}

class OfflineDeskTest : public testing::Test {
 protected:
  std::string identity(const std::string& user, const std::string& credential,
                       const std::string& address = "192.0.2.1") const {
    return desk_.identity_of(presented(user, credential, address));
  }

  OfflineDesk desk_{admission::OfflineLimits{}};
};

TEST_F(OfflineDeskTest, WhatAClientPresentsTellsItFromOthers) {
  EXPECT_EQ(identity("ann", "key"), identity("ann", "key", "192.0.2.2")) << "it may have moved";
  EXPECT_NE(identity("ann", "key"), identity("ann", "other"));
  EXPECT_NE(identity("ann", "key"), identity("eve", "key"));
  EXPECT_NE(identity("ann", "key"), identity("annk", "ey"));
}

TEST_F(OfflineDeskTest, WhoPresentsNothingIsKnownByAddress) {
  EXPECT_EQ(identity("", ""), identity("", ""));
  EXPECT_NE(identity("", ""), identity("", "", "192.0.2.2"));
}

TEST_F(OfflineDeskTest, AnIdentityTellsNothingOfTheCredential) {
  EXPECT_EQ(identity("ann", "key").find("key"), std::string::npos);
  const OfflineDesk other{admission::OfflineLimits{}};
  EXPECT_NE(identity("ann", "key"), other.identity_of(presented("ann", "key", "192.0.2.1")));
}

TEST_F(OfflineDeskTest, APublisherGoesOnWithAllOfItsSession) {
  const std::string ann = identity("ann", "key");
  desk_.started({.session_id = "s1",
                 .user_id = "ann",
                 .stream_id = "live/a",
                 .kind = control_link::SessionKind::kPublish,
                 .epoch = 4,
                 .touch_interval = Duration{5'000},
                 .resumed = false,
                 .route = {}},
                ann);
  desk_.lost({.session_id = "s1", .epoch = 4}, kNow);
  EXPECT_FALSE(desk_.resume("live/a", identity("eve", "key"), kNow));
  const auto session = desk_.resume("live/a", ann, kNow);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->session_id, "s1");
  EXPECT_EQ(session->user_id, "ann");
  EXPECT_EQ(session->kind, control_link::SessionKind::kPublish);
  EXPECT_EQ(session->epoch, 4);
  EXPECT_EQ(session->touch_interval, Duration{5'000});
  EXPECT_TRUE(session->resumed);
  desk_.ended({.session_id = "s1", .epoch = 4});
  EXPECT_FALSE(desk_.resume("live/a", ann, kNow));
}

}  // namespace
}  // namespace weir::media::net
