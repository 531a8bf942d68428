#include "control_svc/store/record_codec.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace weir::control::store {
namespace {

using namespace std::chrono_literals;
using namespace domain;

// What a restart brings back is all that was there, but for deadlines.
class RecordCodec : public testing::Test {
 protected:
  const FakeClock clock_;
  const Settings settings_;
  const Context context_{settings_, clock_.now()};
};

TEST_F(RecordCodec, KeepsAllOfASession) {
  Session session;
  session.id = SessionId(1, 2, 3);
  session.kind = SessionKind::kPublish;
  session.state = SessionState::kEnded;
  session.end_reason = EndReason::kKicked;
  session.moving = true;
  session.epoch = 7;
  session.lease.holder = 99;
  session.created = context_.now.wall - 2s;
  session.ended = context_.now.wall - 1s;
  session.texts = PackedTexts({.stream_id = "live/one",
                               .instance_id = "m1",
                               .client_address = "address",
                               .client_protocol = "protocol",
                               .client_user_agent = "agent",
                               .client_device = "device",
                               .ended_by = "by",
                               .message = "message"});
  UserRecord user;
  user.user_id = Text("ann");
  user.sessions = {session};
  user.requests = {{.id_digest = 1, .parameters_digest = 2, .session = session.id}};
  user.blocks = {{.stream_id = Text("live/one"),
                  .message = Text("off"),
                  .until = context_.now.steady + 9s,
                  .kind = SessionKind::kPublish}};
  const auto read = decode_user(encode(user, context_.now), context_);
  ASSERT_TRUE(read);
  const Session& same = read->sessions.at(0);
  EXPECT_TRUE(same.moving);
  EXPECT_EQ(same.lease.holder, 99U);
  EXPECT_EQ(same.created, session.created);
  EXPECT_EQ(same.ended, session.ended);
  const SessionTexts texts = same.texts.view();
  EXPECT_EQ(texts.client_address, "address");
  EXPECT_EQ(texts.client_protocol, "protocol");
  EXPECT_EQ(texts.client_user_agent, "agent");
  EXPECT_EQ(texts.ended_by, "by");
  EXPECT_EQ(texts.message, "message");
  EXPECT_EQ(read->requests.at(0).until, context_.now.steady + settings_.request_id_memory);
  EXPECT_EQ(read->blocks.at(0).kind, SessionKind::kPublish);
  EXPECT_EQ(read->blocks.at(0).until, user.blocks[0].until);
}

TEST_F(RecordCodec, KeepsAllOfAClaim) {
  StreamClaim claim;
  claim.stream_id = Text("live/one");
  claim.epoch = 5;
  claim.holder = SessionId(1, 2, 3);
  claim.holder_user = Text("ann");
  claim.started = context_.now.wall - 3s;
  const auto read = decode_claim(encode(claim, context_.now), context_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->holder, claim.holder);
  EXPECT_EQ(read->holder_user, "ann");
  EXPECT_EQ(read->started, claim.started);
  EXPECT_EQ(read->review_at, context_.now.steady + settings_.tombstone);
  EXPECT_FALSE(read->last_takeover);
}

TEST_F(RecordCodec, KeepsAllOfTheFleet) {
  InstanceRecord instance;
  instance.instance_id = "m1";
  instance.state = InstanceState::kLost;
  instance.resumes_as = InstanceState::kDraining;
  instance.ready = true;
  instance.drain_generation = 4;
  instance.replaced = {"first", "second"};
  FleetRecord fleet;
  fleet.instances = {std::make_shared<const InstanceRecord>(instance)};
  QueuePlace place;
  place.instance_id = "m1";
  place.denials = 3;
  fleet.queue = {place};
  const auto read = decode_fleet(encode(fleet, context_.now), context_.now);
  ASSERT_TRUE(read);
  const InstanceRecord& same = *read->instances.at(0);
  EXPECT_EQ(same.resumes_as, InstanceState::kDraining);
  EXPECT_TRUE(same.ready);
  EXPECT_EQ(same.drain_generation, 4);
  EXPECT_EQ(same.replaced, instance.replaced);
  EXPECT_EQ(read->queue.at(0).denials, 3);
}

}  // namespace
}  // namespace weir::control::store
