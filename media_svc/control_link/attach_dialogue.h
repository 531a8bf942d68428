// What goes over Attach, and when: a protocol as a value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "common/clock.h"
#include "media_svc/control_link/outbox.h"
#include "media_svc/control_link/session_codec.h"
#include "weir/v1/instance_service.pb.h"

namespace weir::media::control_link {

// How the instance is doing, for its reports.
struct InstanceStatus {
  // Takes new work.
  bool ready = false;
  std::int32_t publishers = 0;
  std::int32_t players = 0;
  // 0: no limit.
  std::int32_t max_publishers = 0;
  std::int32_t max_players = 0;
  double cpu_utilization = 0;
  std::int64_t egress_bits_per_second = 0;
};

// How the instance introduces itself.
struct Introduction {
  InstanceIdentity identity;
  std::string version;
  Route route;
};

// Pure; ControlLink guards it with its mutex and owns the outbox. On each new stream:
//
//   Hello → HeldSessions … (the last one says so) → a Report, then for as long as the stream lasts
//   events as they come, a Report each interval, Touches at most twice a second unless full.
class AttachDialogue {
 public:
  AttachDialogue(Introduction introduction, Outbox& outbox, std::function<InstanceStatus()> status);

  // A new stream: begins anew, with all that control has not taken.
  void restart();
  // The next message to send, if one is due.
  std::optional<v1::AttachRequest> next(SteadyTime now);
  // A message from control. Returns the session to end here, if it is about one.
  std::optional<EndOrder> take(const v1::AttachResponse& response);
  // Whether Hello was sent on this stream: what is held is being told, or was.
  bool introduced() const { return step_ != Step::kHello; }
  // Whether control has answered it.
  bool welcomed() const { return welcomed_; }

 private:
  enum class Step : std::uint8_t { kHello, kHeld, kLive };

  v1::AttachRequest hello() const;
  v1::AttachRequest held();
  v1::AttachRequest report() const;
  v1::AttachRequest event(const Outbox::Event& event) const;
  v1::AttachRequest touches();

  const Introduction introduction_;
  Outbox& outbox_;
  const std::function<InstanceStatus()> status_;

  Step step_ = Step::kHello;
  // The last session told of in HeldSessions.
  std::optional<SessionKey> held_until_;
  bool welcomed_ = false;
  Duration report_interval_;
  SteadyTime next_report_{};
  SteadyTime next_touches_{};
};

}  // namespace weir::media::control_link
