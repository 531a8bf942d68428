#include "control_svc/store/embedded_store.h"

#include <utility>
#include <vector>

#include "control_svc/store/record_codec.h"

namespace weir::control::store {
namespace {

JournalFailure damaged(const std::string& path, const char* table, std::string_view key) {
  return {JournalFault::kDamaged,
          path + ": a record of " + table + " cannot be read: " + std::string(key)};
}

Result<void, JournalFailure> load_events(SqliteDatabase& database, const std::string& path, Now now,
                                         EventHistory& history) {
  SqliteStatement about = database.prepare("SELECT value FROM about WHERE name = 'generation'");
  if (!about.step()) return damaged(path, "about", "generation");
  history.restore_generation(std::string(about.bytes(0)));
  SqliteStatement rows = database.prepare("SELECT sequence, record FROM events ORDER BY sequence");
  while (rows.step()) {
    auto event = decode_event(rows.bytes(1), now);
    if (!event) return damaged(path, "events", std::to_string(rows.number(0)));
    history.restore(static_cast<EventHistory::Sequence>(rows.number(0)), *std::move(event));
  }
  return {};
}

EventSink history_first(EventHistory& history, EventSink then) {
  return [&history, then = std::move(then)](std::vector<domain::Event> events) {
    if (then) then(events);
    history.append(std::move(events));
  };
}

}  // namespace

Result<std::unique_ptr<EmbeddedStore>, JournalFailure> EmbeddedStore::open(const Options& options,
                                                                           EventHistory& history) {
  auto file = open_journal(options.path);
  if (!file) return file.error();
  try {
    const Now now = options.clock.now();
    if (const auto events = load_events(file->database, options.path, now, history); !events) {
      return events.error();
    }
    std::unique_ptr<EmbeddedStore> store(new EmbeddedStore(*std::move(file), options, history));
    if (const auto loaded = store->load(options); !loaded) return loaded.error();
    return store;
  } catch (const SqliteError& error) {
    return failure_of(options.path, error);
  }
}

EmbeddedStore::EmbeddedStore(JournalFile file, const Options& options, EventHistory& history)
    : journal_(std::move(file), options.path, options.clock, history_first(history, options.events),
               history.next(), options.observer),
      memory_(journal_) {}

// Replies may bring further commits, so the memory is there until the journal is through.
EmbeddedStore::~EmbeddedStore() { finish(); }

Result<void, JournalFailure> EmbeddedStore::load(const Options& options) {
  // The journal's own connection belongs to its writer.
  SqliteDatabase database(options.path, SqliteDatabase::Mode::kReadOnly);
  const Now now = options.clock.now();
  const SteadyTime hold = now.steady + options.settings.recovery_hold;
  const domain::Context context{options.settings, now, hold};

  SqliteStatement users = database.prepare("SELECT user_id, record FROM users");
  while (users.step()) {
    auto record = decode_user(users.bytes(1), context);
    if (!record) return damaged(options.path, "users", users.bytes(0));
    memory_.restore(*std::move(record));
    recovered_ = true;
  }
  SqliteStatement claims = database.prepare("SELECT stream_id, record FROM claims");
  while (claims.step()) {
    auto claim = decode_claim(claims.bytes(1), context);
    if (!claim) return damaged(options.path, "claims", claims.bytes(0));
    memory_.restore(*std::move(claim));
  }
  SqliteStatement fleets = database.prepare("SELECT record FROM fleet");
  if (fleets.step()) {
    auto fleet = decode_fleet(fleets.bytes(0), now);
    if (!fleet) return damaged(options.path, "fleet", "0");
    memory_.restore(std::make_shared<const domain::FleetRecord>(*std::move(fleet)));
    recovered_ = true;
  }
  if (recovered_) hold_until_ = hold;
  return {};
}

}  // namespace weir::control::store
