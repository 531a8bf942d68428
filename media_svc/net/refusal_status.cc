#include "media_svc/net/refusal_status.h"

#include <fmt/format.h>

namespace weir::media::net {

using control_link::RefusalReason;
using control_link::SessionKind;
using rtmp::StatusCode;

namespace {

std::string_view explanation(const control_link::Refusal& refusal) {
  // Control's own text where it answered; gRPC's would tell the client about our network.
  if (refusal.reason == RefusalReason::kUnreachable) return "admission is unavailable";
  return refusal.message.empty() ? std::string_view(name(refusal.reason)) : refusal.message;
}

std::string place_hint(const control_link::Refusal& refusal) {
  if (!refusal.place || refusal.place->rtmp_url.empty()) return {};
  return fmt::format("; go to {}", refusal.place->rtmp_url);
}

std::string retry_hint(const control_link::Refusal& refusal) {
  // Nobody says when a control that does not answer is back; most restarts take seconds.
  constexpr Duration kRetryUnreachable{5'000};
  auto retry_after = refusal.retry_after;
  if (!retry_after && refusal.reason == RefusalReason::kUnreachable) {
    retry_after = kRetryUnreachable;
  }
  if (!retry_after) return {};
  return fmt::format("; retry in {} s",
                     std::chrono::ceil<std::chrono::seconds>(*retry_after).count());
}

}  // namespace

RefusalStatus status_of(const control_link::Refusal& refusal, SessionKind kind) {
  RefusalStatus status = denied(
      kind, fmt::format("{}{}{}", explanation(refusal), place_hint(refusal), retry_hint(refusal)));
  status.place = refusal.place;
  if (kind == SessionKind::kPublish && refusal.reason == RefusalReason::kAlreadyPublished) {
    status.code = StatusCode::kPublishBadName;
  }
  return status;
}

RefusalStatus denied(SessionKind kind, std::string description) {
  return {
      .code = kind == SessionKind::kPublish ? StatusCode::kPublishDenied : StatusCode::kPlayFailed,
      .description = std::move(description)};
}

}  // namespace weir::media::net
