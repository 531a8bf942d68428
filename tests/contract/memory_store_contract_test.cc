#include <memory>
#include <utility>

#include "control_svc/store/memory_store.h"
#include "control_svc/store/timed_store.h"
#include "tests/contract/record_store_contract.h"

namespace weir::control::store {
namespace {

struct HeldMemory {
  explicit HeldMemory(EventSink sink) : memory(std::move(sink)) {}
  MemoryStore memory;
};

// With a clock in front, as a process has it.
class TimedMemory final : private HeldMemory, public TimedStore {
 public:
  explicit TimedMemory(EventSink sink)
      : HeldMemory(std::move(sink)),
        TimedStore(memory, [](StoreOperation, std::chrono::nanoseconds) {}) {}
};

INSTANTIATE_TEST_SUITE_P(Timed, RecordStoreContract,
                         testing::Values([](EventSink sink) -> std::unique_ptr<RecordStore> {
                           return std::make_unique<TimedMemory>(std::move(sink));
                         }));

INSTANTIATE_TEST_SUITE_P(Memory, RecordStoreContract,
                         testing::Values([](EventSink sink) -> std::unique_ptr<RecordStore> {
                           return std::make_unique<MemoryStore>(std::move(sink));
                         }));

}  // namespace
}  // namespace weir::control::store
