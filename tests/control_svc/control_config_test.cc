#include "control_svc/control_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/config/loader.h"

namespace weir::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ControlConfigTest : public testing::Test {
 protected:
  std::vector<std::string> load(std::vector<std::string> arguments) {
    config::Options options;
    declare(options, config_);
    return config::load(options, {.arguments = std::move(arguments),
                                  .environment = [](const std::string&) { return std::nullopt; }});
  }

  ControlConfig config_;
};

TEST_F(ControlConfigTest, DefaultsAreTheDocumentedOnes) {
  ASSERT_THAT(load({}), IsEmpty());
  EXPECT_EQ(to_string(config_.grpc_listen), "127.0.0.1:7070");
  EXPECT_EQ(to_string(config_.metrics_listen), "127.0.0.1:9090");
  EXPECT_TRUE(config_.grpc_reflection);
  EXPECT_EQ(config_.store, StoreKind::kEmbedded);
  EXPECT_EQ(config_.store_path, "./weir-control.db");
  EXPECT_EQ(config_.fleet_settings().report_interval, 2s);
  EXPECT_EQ(config_.fleet_settings().lease, 15s);
  const domain::Settings settings = config_.session_settings();
  EXPECT_EQ(settings.phase, 10s);
  EXPECT_EQ(settings.idle_phases, 3);
  EXPECT_EQ(settings.start_timeout, 20s);
  EXPECT_EQ(settings.pause_limit, 10min);
  EXPECT_EQ(settings.publish_reconnect_grace, 30s);
  EXPECT_EQ(settings.max_publish_duration, 0s);
  EXPECT_EQ(settings.max_play_duration, 0s);
  EXPECT_EQ(settings.tombstone, 10min);
  EXPECT_EQ(settings.recovery_hold, 30s);
  EXPECT_EQ(settings.kick_block, 60s);
  EXPECT_EQ(settings.max_play_sessions, 3);
  EXPECT_EQ(settings.max_publish_sessions, 3);
  EXPECT_EQ(settings.publish_takeover, domain::PublishTakeover::kStale);
}

TEST_F(ControlConfigTest, FlagsReachTheRules) {
  ASSERT_THAT(load({"--session-phase=500ms", "--session-idle-phases=2", "--session-max-play=7",
                    "--publish-takeover=same_user"}),
              IsEmpty());
  const domain::Settings settings = config_.session_settings();
  EXPECT_EQ(settings.phase, 500ms);
  EXPECT_EQ(settings.idle_phases, 2);
  EXPECT_EQ(settings.max_play_sessions, 7);
  EXPECT_EQ(settings.publish_takeover, domain::PublishTakeover::kSameUser);
}

TEST_F(ControlConfigTest, ReportsEveryMistakeAtOnce) {
  EXPECT_THAT(load({"--grpc-listen=nowhere", "--session-phase=0", "--store=paper", "--unknown=1"}),
              testing::SizeIs(4));
}

TEST_F(ControlConfigTest, ALeaseLastsSevenReports) {
  EXPECT_THAT(load({"--instance-lease=13s"}), ElementsAre(HasSubstr("instance-lease")));
}

TEST_F(ControlConfigTest, AnOpenListenerBeyondLoopbackMustBeAskedFor) {
  EXPECT_THAT(load({"--grpc-listen=0.0.0.0:7070"}), ElementsAre(HasSubstr("--insecure")));
  config_ = ControlConfig();
  EXPECT_THAT(load({"--grpc-listen=0.0.0.0:7070", "--insecure"}), IsEmpty());
  config_ = ControlConfig();
  EXPECT_THAT(load({"--grpc-listen=[::1]:7070"}), IsEmpty());
}

}  // namespace
}  // namespace weir::control
