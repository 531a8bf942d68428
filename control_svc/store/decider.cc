#include "control_svc/store/decider.h"

#include <iterator>

namespace weir::control::store {

domain::Refusal store_unavailable() {
  return domain::refuse(domain::RefusalReason::kStoreUnavailable,
                        "the store cannot take changes now", std::chrono::seconds{1});
}

std::vector<domain::Event> as_events(std::vector<domain::SessionEvent> events) {
  return {std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())};
}

Decider::Decider(RecordStore& store, domain::Settings settings, NoticeSink notices,
                 SteadyTime hold_until)
    : store_(store), settings_(settings), notices_(std::move(notices)), hold_until_(hold_until) {}

void Decider::tell(const std::vector<domain::EndNotice>& notices) const {
  for (const domain::EndNotice& notice : notices) notices_(notice);
}

}  // namespace weir::control::store
