// The audit log: one line for each call that somebody may have to answer for.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/log/log.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/rpc/status_map.h"

namespace weir::control::rpc {

// Who asked for it and on what; taken when the call arrives, written when its result is known.
struct Audit {
  // "audit.kick": fixed and documented, as all event names are.
  std::string_view event;
  std::string caller;
  std::string target;
  std::string message;

  template <class Answer>
  void write(const domain::Outcome<Answer>& outcome) const {
    const std::string_view result = outcome ? "OK" : reason_name(outcome.error().reason);
    log::info(event,
              {{"caller", caller}, {"target", target}, {"result", result}, {"reason", message}},
              "an operator's call");
  }
};

// Writes the line, then answers.
template <class Callback>
auto audited(Audit audit, Callback answer) {
  return [audit = std::move(audit), answer = std::move(answer)](const auto& outcome) {
    audit.write(outcome);
    answer(outcome);
  };
}

}  // namespace weir::control::rpc
