#include "control_svc/store/embedded_store.h"
#include "tests/contract/record_store_contract.h"
#include "tests/control_svc/store/temporary_folder.h"

namespace weir::control::store {
namespace {

// The embedded store with all that it lives on, behind the interface alone.
class EmbeddedUnderTest final : public RecordStore {
 public:
  explicit EmbeddedUnderTest(EventSink events) {
    auto opened = EmbeddedStore::open({.path = folder_.file("weir.db"),
                                       .settings = {},
                                       .clock = clock_,
                                       .events = std::move(events),
                                       .observer = {}},
                                      history_);
    if (!opened) throw std::runtime_error(opened.error().text);
    store_ = *std::move(opened);
  }

  void load_user(std::string_view user_id, Reply<Loaded<domain::UserRecord>> reply) override {
    records().load_user(user_id, std::move(reply));
  }
  void load_owner(const domain::SessionId& id, Reply<Loaded<domain::UserRecord>> reply) override {
    records().load_owner(id, std::move(reply));
  }
  void load_claim(std::string_view stream_id, Reply<Loaded<domain::StreamClaim>> reply) override {
    records().load_claim(stream_id, std::move(reply));
  }
  void load_fleet(Reply<Loaded<domain::FleetSnapshot>> reply) override {
    records().load_fleet(std::move(reply));
  }
  void commit_user(UserCommit commit, Reply<Done> reply) override {
    records().commit_user(std::move(commit), std::move(reply));
  }
  void commit_claim(ClaimCommit commit, Reply<Done> reply) override {
    records().commit_claim(std::move(commit), std::move(reply));
  }
  void commit_fleet(FleetCommit commit, Reply<Done> reply) override {
    records().commit_fleet(std::move(commit), std::move(reply));
  }
  void renew(std::span<const domain::SessionId> ids, std::uint32_t holder, SteadyTime now,
             Reply<std::vector<Renewal>> reply) override {
    records().renew(ids, holder, now, std::move(reply));
  }
  void due(SteadyTime now, std::size_t limit, Reply<Due> reply) override {
    records().due(now, limit, std::move(reply));
  }
  void visit_users(std::size_t bucket, UserVisitor visitor, Reply<Done> reply) override {
    records().visit_users(bucket, std::move(visitor), std::move(reply));
  }
  void count_players(std::vector<domain::Text> streams,
                     Reply<std::vector<std::size_t>> reply) override {
    records().count_players(std::move(streams), std::move(reply));
  }
  void visit_claims(std::size_t bucket, std::string_view after, ClaimVisitor visitor,
                    Reply<Done> reply) override {
    records().visit_claims(bucket, after, std::move(visitor), std::move(reply));
  }

 private:
  RecordStore& records() { return store_->records(); }

  TemporaryFolder folder_;
  SystemClock clock_;
  EventHistory history_{"test"};
  std::unique_ptr<EmbeddedStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Embedded, RecordStoreContract,
                         testing::Values([](EventSink sink) -> std::unique_ptr<RecordStore> {
                           return std::make_unique<EmbeddedUnderTest>(std::move(sink));
                         }));

}  // namespace
}  // namespace weir::control::store
