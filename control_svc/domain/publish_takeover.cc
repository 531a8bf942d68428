#include "control_svc/domain/publish_takeover.h"

namespace weir::control::domain {
namespace {

// When the same user may next take the stream from itself.
SteadyTime next_takeover(const StreamClaim& claim, const Settings& settings) {
  if (!claim.last_takeover) return SteadyTime::min();
  return *claim.last_takeover + settings.same_user_takeover_interval;
}

}  // namespace

Outcome<Takeover> take_over(const StreamClaim& claim, const Session& holder, bool same_user,
                            const Context& context) {
  const PublishTakeover policy = context.settings.publish_takeover;
  const SteadyTime now = context.now.steady;
  if (holder.interrupted && policy != PublishTakeover::kNever) return Takeover::kOfStale;
  const bool by_itself = same_user && policy == PublishTakeover::kSameUser;
  const SteadyTime allowed = next_takeover(claim, context.settings);
  if (by_itself && now >= allowed) return Takeover::kOfRunning;

  const SteadyTime retry = holder.interrupted ? holder.lease.deadline
                           : by_itself        ? allowed
                                              : now + context.settings.phase;
  return refuse(RefusalReason::kStreamAlreadyPublished, "the stream is being published",
                retry - now);
}

}  // namespace weir::control::domain
