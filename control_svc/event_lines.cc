#include "control_svc/event_lines.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "common/log/log.h"
#include "control_svc/names.h"

namespace weir::control {
namespace {

// "session admitted" of "weir.session.admitted".
std::string text_of(std::string_view name) {
  std::string text(name.substr(name.find('.') + 1));
  std::ranges::replace(text, '.', ' ');
  return text;
}

// Each made once: sessions have many events.
std::string_view text_of(domain::EventType type) {
  static const auto kTexts = [] {
    std::array<std::string, static_cast<std::size_t>(domain::EventType::kFailed) + 1> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = text_of(domain::name_of(static_cast<domain::EventType>(i)));
    }
    return all;
  }();
  return kTexts.at(static_cast<std::size_t>(type));
}

void write_line(const domain::SessionEvent& event) {
  const domain::SessionTexts texts = event.session.texts.view();
  const auto session_id = event.session.id.text();
  const std::string_view reason =
      event.session.live() ? std::string_view() : name_of(event.session.end_reason);
  log::info(domain::name_of(event.type),
            {{"session_id", std::string_view(session_id.data(), session_id.size())},
             {"user_id", event.user_id.view()},
             {"stream_id", texts.stream_id},
             {"kind", name_of(event.session.kind)},
             {"instance_id", texts.instance_id},
             {"epoch", event.session.epoch},
             {"reason", reason},
             {"peer", texts.client_address}},
            text_of(event.type));
}

void write_line(const domain::InstanceEvent& event) {
  const std::string_view name = domain::name_of(event.type);
  log::info(name,
            {{"instance_id", event.instance->instance_id},
             {"instance_version", event.instance->version},
             {"cordoned", event.instance->cordoned},
             {"cause", event.instance->drain ? name_of(event.instance->drain->cause) : ""}},
            text_of(name));
}

}  // namespace

void write_lines(std::span<const domain::Event> events) {
  for (const domain::Event& event : events) {
    std::visit([](const auto& each) { write_line(each); }, event);
  }
}

void write_if_slow(std::size_t changes, std::chrono::nanoseconds took) {
  if (took < kSlowCommit) return;
  log::warn("store.slow_commit",
            {{"changes", changes},
             {"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}},
            "the disk was slow to take a commit; admissions waited for it");
}

}  // namespace weir::control
