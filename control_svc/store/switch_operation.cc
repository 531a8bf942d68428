#include "control_svc/store/switch_operation.h"

#include <optional>
#include <utility>

#include "control_svc/domain/placement.h"
#include "control_svc/domain/session_rules.h"
#include "control_svc/store/admit_operation.h"

namespace weir::control::store {

Operation switch_session(const Decider& decider, domain::SessionId id,
                         domain::SwitchRequest request, Now now,
                         Callback<domain::SwitchAnswer> done) {
  RecordStore& store = decider.store();
  const auto fleet = co_await awaited<Loaded<domain::FleetSnapshot>>(
      [&](auto next) { store.load_fleet(std::move(next)); });
  if (!fleet) co_return done(store_unavailable());
  const auto publisher = co_await awaited<std::optional<domain::UserSession>>([&](auto next) {
    load_publisher(store, domain::Text(request.stream_id), now.steady, std::move(next));
  });
  if (!publisher) co_return done(store_unavailable());
  domain::Route place;
  if (*publisher) place = domain::route_to(*fleet->record, (*publisher)->session.instance_id());
  decider.decide_session<domain::SwitchAnswer>(
      id, now,
      [request = std::move(request), place = std::move(place)](domain::UserRecord record,
                                                               const domain::SessionId& session,
                                                               const domain::Context& context) {
        return domain::switch_stream(std::move(record), session, request, place, context);
      },
      std::move(done));
}

}  // namespace weir::control::store
