// What the rules and stores cost without a transport:
//
//   store-bench                                  everything; a million sessions take a while
//   store-bench --benchmark_filter=admit         only that
#include <benchmark/benchmark.h>
#include <jemalloc/jemalloc.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/store/embedded_store.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::store {
namespace {

using domain::AdmitAnswer;
using domain::AdmitRequest;
using domain::Outcome;
using domain::SessionId;

constexpr int kUsers = 400'000;
constexpr int kSessions = 1'000'000;

void drop_events(const std::vector<domain::Event>&) {}
void drop_notice(const domain::EndNotice&) {}

// Sixteen bytes, as a customer's own numbers are; in no order, as they come to stream.
std::string user_name(std::int64_t number) {
  constexpr std::int64_t kPrime = 1'000'003;
  const std::string digits = std::to_string(number * 7'919 % kPrime);
  return "user-" + std::string(11 - digits.size(), '0') + digits;
}

AdmitRequest request_for(int session) {
  AdmitRequest request;
  request.user_id = user_name(session % kUsers);
  request.stream_id = "live/stream-" + std::to_string(session % 10'000);
  request.kind = domain::SessionKind::kPlay;
  request.instance_id = "weir-media-7d9f";
  request.incarnation = "0123456789abcdef0123456789abcdef";
  request.client = {.address = "203.0.113.77", .protocol = "rtmp", .user_agent = {}, .device = {}};
  return request;
}

class BenchFolder {
 public:
  BenchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-bench-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~BenchFolder() { std::filesystem::remove_all(path_); }
  std::string file() const { return (path_ / "weir.db").string(); }

 private:
  std::filesystem::path path_;
};

// Pages that hold anything, and what jemalloc notes about them (jemalloc(3), "stats.resident").
std::size_t resident_heap() {
  std::uint64_t epoch = 1;
  ::mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  std::size_t bytes = 0;
  std::size_t size = sizeof bytes;
  ::mallctl("stats.resident", &bytes, &size, nullptr, 0);
  return bytes;
}

// Admits sessions 0 … count and gives back their ids.
std::vector<SessionId> fill(SessionOperations& operations, const Clock& clock, int count) {
  std::vector<SessionId> ids(static_cast<std::size_t>(count));
  std::atomic<int> answered{0};
  for (int i = 0; i < count; ++i) {
    operations.admit(request_for(i), clock.now(),
                     [&ids, &answered, i](const Outcome<AdmitAnswer>& outcome) {
                       ids[static_cast<std::size_t>(i)] = outcome->session.id;
                       answered.fetch_add(1);
                       answered.notify_one();
                     });
  }
  for (int seen = answered; seen < count; seen = answered) answered.wait(seen);
  return ids;
}

void admit_in_memory(benchmark::State& state) {
  const SystemClock clock;
  MemoryStore store(drop_events);
  SessionOperations operations(store, {}, drop_notice);
  int session = 0;
  for (auto _ : state) {
    // Two sessions a user, so that none is refused.
    AdmitRequest request = request_for(session);
    request.user_id = user_name(session++ / 2);
    operations.admit(std::move(request), clock.now(),
                     [](const auto& outcome) { benchmark::DoNotOptimize(outcome.has_value()); });
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(admit_in_memory)->Iterations(500'000);

// The argument: how many callers wait at a time, so the greatest batch of the journal.
void admit_durably(benchmark::State& state) {
  const BenchFolder folder;
  const SystemClock clock;
  EventHistory history("bench");
  std::atomic<std::size_t> commits{0};
  JournalObserver observer;
  observer.committed = [&](std::size_t, std::chrono::nanoseconds) { ++commits; };
  const auto store = *EmbeddedStore::open(
      {.path = folder.file(), .settings = {}, .clock = clock, .events = {}, .observer = observer},
      history);
  SessionOperations operations(store->records(), {}, drop_notice);
  const auto callers = static_cast<int>(state.range(0));
  int session = 0;
  for (auto _ : state) {
    std::atomic<int> waiting{callers};
    for (int i = 0; i < callers; ++i) {
      AdmitRequest request = request_for(session);
      request.user_id = user_name(session++ / 2);
      operations.admit(std::move(request), clock.now(), [&waiting](const auto&) {
        if (waiting.fetch_sub(1) == 1) waiting.notify_one();
      });
    }
    for (int left = waiting; left > 0; left = waiting) waiting.wait(left);
  }
  state.SetItemsProcessed(state.iterations() * callers);
  state.counters["batch"] =
      static_cast<double>(session) / static_cast<double>(std::max<std::size_t>(commits, 1));
}
BENCHMARK(admit_durably)->Arg(1)->Arg(100)->Arg(1'000)->UseRealTime();

// A million sessions of 400,000 users: their memory, and renewals among them.
void million_sessions(benchmark::State& state) {
  const FakeClock clock;
  const std::size_t before = resident_heap();
  MemoryStore store(drop_events);
  SessionOperations operations(store, {}, drop_notice);
  std::vector<SessionId> ids = fill(operations, clock, kSessions);
  const std::size_t used = resident_heap() - before - ids.size() * sizeof(SessionId);
  std::ranges::shuffle(ids, std::mt19937(1));
  // The first touch starts a session; the others only renew.
  operations.touch_many(ids, 0, clock.now(), [](const auto&) {});
  constexpr std::size_t kBatch = 1'000;
  std::vector<std::vector<SessionId>> batches;
  for (std::size_t i = 0; i + kBatch <= ids.size(); i += kBatch) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(i);
    batches.emplace_back(first, first + kBatch);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    operations.touch_many(batches[next++ % batches.size()], 0, clock.now(), [](const auto&) {});
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  state.counters["bytes/session"] = static_cast<double>(used) / kSessions;
  state.counters["MiB"] = static_cast<double>(used) / (1024.0 * 1024.0);
}
BENCHMARK(million_sessions)->Iterations(2'000)->Unit(benchmark::kMicrosecond);

void load_a_million(benchmark::State& state) {
  const BenchFolder folder;
  const SystemClock clock;
  const EmbeddedStore::Options options{
      .path = folder.file(), .settings = {}, .clock = clock, .events = {}, .observer = {}};
  {
    EventHistory history("bench");
    const auto store = *EmbeddedStore::open(options, history);
    SessionOperations operations(store->records(), {}, drop_notice);
    fill(operations, clock, kSessions);
  }
  for (auto _ : state) {
    EventHistory history("bench");
    const auto store = *EmbeddedStore::open(options, history);
    benchmark::DoNotOptimize(store->recovered());
  }
}
BENCHMARK(load_a_million)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

// A burst of 100,000 that lapse in the same moment; the argument chooses the embedded store.
void expire_a_burst(benchmark::State& state) {
  constexpr int kBurst = 100'000;
  for (auto _ : state) {
    state.PauseTiming();
    const BenchFolder folder;
    FakeClock clock;
    EventHistory history("bench");
    MemoryStore memory(drop_events);
    std::unique_ptr<EmbeddedStore> embedded;
    if (state.range(0) == 1) {
      embedded = *EmbeddedStore::open(
          {.path = folder.file(), .settings = {}, .clock = clock, .events = {}, .observer = {}},
          history);
    }
    RecordStore& store = embedded ? embedded->records() : memory;
    SessionOperations operations(store, {}, drop_notice);
    fill(operations, clock, kBurst);
    clock.advance(std::chrono::seconds{21});
    state.ResumeTiming();
    for (std::size_t taken = 1; taken > 0;) {
      std::promise<std::size_t> done;
      operations.expire_due(clock.now(), 2'000,
                            [&done](std::size_t count) { done.set_value(count); });
      taken = done.get_future().get();
    }
  }
  state.SetItemsProcessed(state.iterations() * kBurst);
}
BENCHMARK(expire_a_burst)
    ->Arg(0)
    ->Arg(1)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace weir::control::store
