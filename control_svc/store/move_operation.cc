#include "control_svc/store/move_operation.h"

#include <utility>

namespace weir::control::store {

Operation move_stream(RecordStore& store, SessionOperations& sessions, StreamMove move, Now now,
                      Callback<LiveStream> done) {
  const auto found = co_await awaited<domain::Outcome<LiveStream>>([&](const auto& next) {
    find_stream(store, move.stream_id, now,
                [next](domain::Outcome<LiveStream> stream) { next(std::move(stream)); });
  });
  if (!*found) co_return done(found->error());
  const LiveStream stream = **found;
  const domain::Session& publisher = stream.publisher.session;
  const std::string from(publisher.instance_id());
  const auto fleet = co_await awaited<Loaded<domain::FleetSnapshot>>(
      [&](auto next) { store.load_fleet(std::move(next)); });
  if (!fleet) co_return done(store_unavailable());
  const auto target = domain::move_target(*fleet->record, from, move.target_instance_id);
  if (!target) co_return done(target.error());
  const auto asked = co_await awaited<domain::Outcome<domain::UserSession>>([&](const auto& next) {
    sessions.ask_to_move(
        publisher.id, publisher.lease.holder, now,
        [next](domain::Outcome<domain::UserSession> session) { next(std::move(session)); });
  });
  if (!*asked) co_return done(asked->error());
  const bool reached = move.reach(
      {.instance_id = from, .session = publisher.id, .epoch = publisher.epoch, .target = *target});
  if (reached) co_return done(stream);
  done(domain::refuse(domain::RefusalReason::kInstanceUnreachable,
                      "the stream's instance is not attached now", std::chrono::seconds{1}));
}

}  // namespace weir::control::store
