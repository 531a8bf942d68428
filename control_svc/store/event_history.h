// The newest events, numbered, for watchers that read at their own pace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control_svc/domain/event.h"

namespace weir::control::store {

// One a process, owned by main. Filled by the store in the order of its commits; read from any
// thread. Keeps nothing for a slow reader: one that falls behind the oldest event is told so.
class EventHistory {
 public:
  using Sequence = std::uint64_t;
  struct Entry {
    Sequence sequence;
    domain::Event event;
  };

  static constexpr std::size_t kDefaultKept = 50'000;

  // `generation` tells the numbers of this history from those of another: of an earlier process
  // whose events were not kept.
  explicit EventHistory(std::string generation, std::size_t kept = kDefaultKept);

  // Takes over what an earlier process left, oldest first; before anything else.
  void restore(Sequence sequence, domain::Event event);
  void restore_generation(std::string generation);
  std::string generation() const;

  void append(std::vector<domain::Event> events);
  // The number that the next event will get.
  Sequence next() const;

  // At most `most` events from number `from` on; nothing at all: they are no longer kept.
  std::optional<std::vector<Entry>> read(Sequence from, std::size_t most) const;
  Sequence oldest() const;

  // Where a watch goes on after an event.
  std::string token_after(Sequence sequence) const;
  // The first number to read. "0": the oldest kept. Nothing: no longer kept, or not ours.
  std::optional<Sequence> position_of(std::string_view token) const;

  // `on_append` runs with each append, on the appender's thread, and never once the handle is gone:
  // it must be quick, only wake its reader and call nothing of the history.
  using OnAppend = std::function<void()>;
  struct Unsubscribe {
    EventHistory* history = nullptr;
    void operator()(const OnAppend* on_append) const;
  };
  using Subscription = std::unique_ptr<const OnAppend, Unsubscribe>;
  [[nodiscard]] Subscription subscribe(OnAppend on_append);

 private:
  mutable std::mutex mutex_;
  std::string generation_;
  const std::size_t kept_;
  Sequence oldest_ = 1;
  std::deque<domain::Event> events_;
  std::vector<const OnAppend*> subscribers_;
};

}  // namespace weir::control::store
