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
  ASSERT_THAT(load({"--session-phase=5s", "--session-idle-phases=4", "--session-max-play=7",
                    "--publish-takeover=same_user"}),
              IsEmpty());
  const domain::Settings settings = config_.session_settings();
  EXPECT_EQ(settings.phase, 5s);
  EXPECT_EQ(settings.idle_phases, 4);
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

TEST_F(ControlConfigTest, SessionsOutliveTheSilenceOfTheirInstance) {
  struct Case {
    std::vector<std::string> arguments;
    bool allowed;
  };
  const Case cases[] = {
      {{"--session-idle-phases=1"}, true},
      {{"--session-idle-phases=1", "--session-phase=9s"}, false},
      {{"--session-idle-phases=1", "--session-phase=9s", "--instance-lease=14s"}, false},
      {{"--session-idle-phases=1", "--session-phase=1s", "--instance-report-interval=200ms",
        "--instance-lease=1500ms"},
       true},
      {{"--session-start-timeout=15s"}, true},
      {{"--session-start-timeout=14s"}, false},
      {{"--instance-lease=21s"}, false},
      {{"--instance-lease=21s", "--session-start-timeout=21s"}, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.arguments));
    config_ = ControlConfig();
    const auto mistakes = load(c.arguments);
    if (c.allowed) {
      EXPECT_THAT(mistakes, IsEmpty());
      EXPECT_LE(config_.fleet_settings().rhythm_of_fleet(100'000).lease,
                config_.session_settings().outlived_silence());
    } else {
      EXPECT_THAT(mistakes, ElementsAre(HasSubstr("sessions outlive")));
    }
  }
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
