#include "control_svc/store/event_history.h"

#include <charconv>
#include <utility>
#include <variant>

namespace weir::control::store {
namespace {

// The next to go has lain in no cache for long; the texts that it counts are freed with it.
void fetch(const domain::Event& event) {
  if (const auto* session = std::get_if<domain::SessionEvent>(&event)) {
    session->user_id.fetch();
    session->session.texts.fetch();
  }
}

}  // namespace

EventHistory::EventHistory(std::string generation, std::size_t kept)
    : generation_(std::move(generation)), kept_(kept) {}

void EventHistory::restore(Sequence sequence, domain::Event event) {
  const std::scoped_lock lock(mutex_);
  if (events_.empty() || sequence != oldest_ + events_.size()) {
    events_.clear();
    oldest_ = sequence;
  }
  events_.push_back(std::move(event));
}

void EventHistory::restore_generation(std::string generation) {
  const std::scoped_lock lock(mutex_);
  generation_ = std::move(generation);
}

std::string EventHistory::generation() const {
  const std::scoped_lock lock(mutex_);
  return generation_;
}

void EventHistory::append(std::vector<domain::Event> events) {
  const std::scoped_lock lock(mutex_);
  for (domain::Event& event : events) events_.push_back(std::move(event));
  for (; events_.size() > kept_; ++oldest_) events_.pop_front();
  if (events_.size() == kept_) fetch(events_.front());
  for (const OnAppend* on_append : subscribers_) (*on_append)();
}

EventHistory::Sequence EventHistory::next() const {
  const std::scoped_lock lock(mutex_);
  return oldest_ + events_.size();
}

EventHistory::Sequence EventHistory::oldest() const {
  const std::scoped_lock lock(mutex_);
  return oldest_;
}

std::optional<std::vector<EventHistory::Entry>> EventHistory::read(Sequence from,
                                                                   std::size_t most) const {
  const std::scoped_lock lock(mutex_);
  if (from < oldest_) return std::nullopt;
  std::vector<Entry> entries;
  const Sequence end = oldest_ + events_.size();
  for (Sequence sequence = from; sequence < end && entries.size() < most; ++sequence) {
    entries.push_back({sequence, events_[sequence - oldest_]});
  }
  return entries;
}

std::string EventHistory::token_after(Sequence sequence) const {
  return generation() + "-" + std::to_string(sequence);
}

std::optional<EventHistory::Sequence> EventHistory::position_of(std::string_view token) const {
  const std::scoped_lock lock(mutex_);
  if (token == "0") return oldest_;
  if (!token.starts_with(generation_)) return std::nullopt;
  token.remove_prefix(generation_.size());
  if (!token.starts_with('-')) return std::nullopt;
  token.remove_prefix(1);
  Sequence last = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), last);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  const bool kept = last + 1 >= oldest_ && last < oldest_ + events_.size();
  return kept ? std::optional(last + 1) : std::nullopt;
}

EventHistory::Subscription EventHistory::subscribe(OnAppend on_append) {
  Subscription subscription(new OnAppend(std::move(on_append)), {this});
  const std::scoped_lock lock(mutex_);
  subscribers_.push_back(subscription.get());
  return subscription;
}

void EventHistory::Unsubscribe::operator()(const OnAppend* on_append) const {
  {
    const std::scoped_lock lock(history->mutex_);
    std::erase(history->subscribers_, on_append);
  }
  delete on_append;
}

}  // namespace weir::control::store
