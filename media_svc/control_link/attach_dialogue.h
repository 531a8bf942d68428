// What goes over Attach, and when: a protocol as a value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/clock.h"
#include "media_svc/control_link/instance_status.h"
#include "media_svc/control_link/order.h"
#include "media_svc/control_link/outbox.h"
#include "media_svc/control_link/session_codec.h"
#include "weir/v1/instance_service.pb.h"

namespace weir::media::control_link {

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
  // A message from control. Returns what is to be done here, if it is an order.
  std::optional<Order> take(const v1::AttachResponse& response);
  // The instance goes: after one more Report nothing is due any more.
  void conclude();
  // Whether all is said, that last Report included.
  bool concluded() const { return farewell_ == Farewell::kSaid; }
  // Whether Hello was sent on this stream: what is held is being told, or was.
  bool introduced() const { return step_ != Step::kHello; }
  // Whether control has answered it.
  bool welcomed() const { return welcomed_; }
  // For how long control keeps what is held here without a word from here, by its answer.
  Duration lease() const { return lease_; }
  // What signs the tokens to play this instance's streams from another; empty until control has
  // given it.
  const std::string& relay_key() const { return relay_key_; }

 private:
  enum class Step : std::uint8_t { kHello, kHeld, kLive };
  enum class Farewell : std::uint8_t { kNone, kDue, kSaid };

  v1::AttachRequest hello() const;
  v1::AttachRequest held();
  v1::AttachRequest report() const;
  v1::AttachRequest event(const Outbox::Event& event) const;
  v1::AttachRequest touches();

  const Introduction introduction_;
  Outbox& outbox_;
  const std::function<InstanceStatus()> status_;

  Step step_ = Step::kHello;
  Farewell farewell_ = Farewell::kNone;
  // The last session told of in HeldSessions.
  std::optional<SessionKey> held_until_;
  bool welcomed_ = false;
  std::string relay_key_;
  Duration report_interval_;
  Duration lease_;
  SteadyTime next_report_{};
  SteadyTime next_touches_{};
};

}  // namespace weir::media::control_link
