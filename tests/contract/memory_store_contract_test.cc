#include "control_svc/store/memory_store.h"
#include "tests/contract/record_store_contract.h"

namespace weir::control::store {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, RecordStoreContract,
                         testing::Values([](EventSink sink) -> std::unique_ptr<RecordStore> {
                           return std::make_unique<MemoryStore>(std::move(sink));
                         }));

}  // namespace
}  // namespace weir::control::store
