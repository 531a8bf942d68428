// What every store must keep to. A store's own test instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, RecordStoreContract, testing::Values(make_memory_store));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/user_record.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Makes an empty store that tells its events to the sink.
using StoreFactory = std::function<std::unique_ptr<RecordStore>(EventSink)>;

// Waits for the reply of a call on a store, whatever thread it comes on.
template <class T, class Call>
Result<T, StoreError> reply_of(const Call& call) {
  auto promise = std::make_shared<std::promise<Result<T, StoreError>>>();
  auto future = promise->get_future();
  call(
      Reply<T>([promise](Result<T, StoreError> result) { promise->set_value(std::move(result)); }));
  if (future.wait_for(std::chrono::seconds{30}) != std::future_status::ready) {
    throw std::runtime_error("the store did not reply");
  }
  return future.get();
}

class RecordStoreContract : public testing::TestWithParam<StoreFactory> {
 protected:
  RecordStoreContract();

  SteadyTime now() const { return clock_.now().steady; }

  // A user with one live session, whose lease renews for 40 s.
  domain::UserRecord user_with_session(std::string_view user_id, std::uint64_t number) const;
  static domain::SessionEvent admitted(const domain::UserRecord& user);

  Loaded<domain::UserRecord> load(std::string_view user_id);
  Loaded<domain::UserRecord> load_owner(const domain::SessionId& id);
  Loaded<domain::StreamClaim> load_claim(std::string_view stream_id);
  Result<Done, StoreError> commit(domain::UserRecord record, Version expected,
                                  std::vector<domain::Event> events = {});
  Result<Done, StoreError> commit_claim(domain::StreamClaim claim, Version expected,
                                        bool remove = false);
  std::vector<Renewal> renew(std::vector<domain::SessionId> ids, std::uint32_t holder = 0);
  RecordStore::Due due(std::size_t limit = 1000);
  // The ids of all users that visiting every bucket shows.
  std::vector<std::string> visited_users();
  // The first `most` streams of a bucket that come after `after`.
  std::vector<std::string> visited_claims(std::size_t bucket, std::string_view after,
                                          std::size_t most = SIZE_MAX);
  std::vector<domain::SessionEvent> events();

  FakeClock clock_;
  std::unique_ptr<RecordStore> store_;

 private:
  std::mutex mutex_;
  std::vector<domain::SessionEvent> events_;
};

}  // namespace weir::control::store
