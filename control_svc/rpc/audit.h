// The audit log: one line for each call that somebody may have to answer for.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/log/log.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/shutdown_rules.h"
#include "control_svc/rpc/status_map.h"

namespace weir::control::rpc {

template <class Answer>
std::string_view result_of(const domain::Outcome<Answer>& outcome) {
  return outcome ? "OK" : reason_name(outcome.error().reason);
}
// A denial is an answer, but not what the operator wanted.
inline std::string_view result_of(const domain::Outcome<domain::ShutdownAnswer>& outcome) {
  if (!outcome) return reason_name(outcome.error().reason);
  return std::holds_alternative<domain::ShutdownDenial>(*outcome) ? "DENIED" : "OK";
}

// Who asked for it and on what; taken when the call arrives, written when its result is known.
struct Audit {
  // "audit.kick": fixed and documented, as all event names are.
  std::string_view event;
  std::string caller;
  std::string target;
  std::string message;

  template <class Answer>
  void write(const domain::Outcome<Answer>& outcome) const {
    log::info(event,
              {{"caller", caller},
               {"target", target},
               {"result", result_of(outcome)},
               {"reason", message}},
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
