#include "control_svc/event_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/control_svc/log_lines.h"

namespace weir::control {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class EventLinesTest : public testing::Test, public LogLines {};

TEST_F(EventLinesTest, ACommitThatTookSecondsIsTold) {
  write_if_slow(7, 999ms);
  write_if_slow(12, 2500ms);
  EXPECT_THAT(finish(), ElementsAre(AllOf(HasSubstr("\"level\":\"warn\""),
                                          HasSubstr("\"event\":\"store.slow_commit\""),
                                          HasSubstr("\"changes\":12,\"took_ms\":2500"))));
}

TEST_F(EventLinesTest, AnAdmissionSaysWhoseItIs) {
  domain::SessionEvent event;
  event.type = domain::EventType::kAdmitted;
  event.user_id = domain::Text("ann");
  event.session.kind = domain::SessionKind::kPublish;
  event.session.texts = domain::PackedTexts(
      {.stream_id = "live/one", .instance_id = "media-0", .client_address = "192.0.2.1:4711"});
  event.session.epoch = 3;
  const domain::Event told = event;
  write_lines({&told, 1});
  const std::string id = event.session.id.str();
  EXPECT_THAT(finish(),
              ElementsAre(AllOf(
                  HasSubstr("\"msg\":\"session admitted\",\"event\":\"weir.session.admitted\""),
                  HasSubstr("\"session_id\":\"" + id +
                            "\",\"user_id\":\"ann\",\"stream_id\":\"live/one\","
                            "\"kind\":\"publish\",\"instance_id\":\"media-0\",\"epoch\":3,"
                            "\"reason\":\"\",\"peer\":\"192.0.2.1:4711\""))));
}

}  // namespace
}  // namespace weir::control
