// The records of one bucket by their key and by their deadline.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/user_record.h"
#include "control_svc/store/deadline_wheel.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

inline std::string_view key_of(const domain::UserRecord& record) { return record.user_id.view(); }
inline std::string_view key_of(const domain::StreamClaim& claim) { return claim.stream_id.view(); }
inline SteadyTime deadline_of(const domain::UserRecord& record) { return record.next_deadline(); }
inline SteadyTime deadline_of(const domain::StreamClaim& claim) { return claim.review_at; }

// Owned by a store, used under its bucket's lock. A key lives in its record only; slots stay
// valid until their record is removed.
template <class Record>
class RecordTable {
 public:
  using Slot = DeadlineWheel::Slot;
  struct Row {
    Record record;
    // 0: the slot is free.
    Version version = 0;
    DeadlineWheel::Tick filed = kNotFiled;
  };
  // A record that was listed as due and not committed since is listed again after this.
  static constexpr Duration kListAgain = std::chrono::seconds{1};

  RecordTable() : entries_(0, Hash{}, Equal{&rows_}) {}
  RecordTable(const RecordTable&) = delete;
  RecordTable& operator=(const RecordTable&) = delete;

  std::size_t size() const { return entries_.size(); }
  Row& row(Slot slot) { return rows_[slot]; }

  std::optional<Slot> slot_of(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional(found->slot);
  }
  Row* find(std::string_view key) {
    const auto slot = slot_of(key);
    return slot ? &rows_[*slot] : nullptr;
  }

  // Overwrites the record of its key, which is in slot `old`, or inserts it.
  Slot put(std::optional<Slot> old, Record&& record, Version version) {
    const Slot slot = old ? *old : take_slot();
    Row& row = rows_[slot];
    row.record = std::move(record);
    row.version = version;
    if (!old) entries_.insert({slot, hash_of(key_of(row.record))});
    file(slot, deadline_of(row.record));
    return slot;
  }

  void remove(std::string_view key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    const Slot slot = found->slot;
    entries_.erase(found);
    rows_[slot].record = {};
    rows_[slot].version = 0;
    free_.push_back(slot);
  }

  // Adds what is due to `due` until that holds `limit`.
  void take_due(SteadyTime now, std::size_t limit, std::vector<domain::Text>& due) {
    while (due.size() < limit) {
      const auto entry = wheel_.take(now);
      if (!entry) return;
      Row& row = rows_[entry->slot];
      if (row.filed != entry->tick) continue;
      row.filed = kNotFiled;
      // Free by now, and filed again when it is used again.
      if (row.version == 0) continue;
      const SteadyTime deadline = deadline_of(row.record);
      if (deadline > now) {
        file(entry->slot, deadline);
        continue;
      }
      due.emplace_back(key_of(row.record));
      file(entry->slot, now + kListAgain);
    }
  }

  template <class Visitor>
  void visit(const Visitor& visitor) {
    for (const Row& row : rows_) {
      if (row.version != 0) visitor(row.record);
    }
  }

 private:
  static constexpr DeadlineWheel::Tick kNotFiled = std::numeric_limits<std::int64_t>::max();

  // With the hash of its record's key, so that a table that grows reads no records.
  struct Entry {
    Slot slot;
    std::uint32_t hash;
  };
  static std::uint32_t hash_of(std::string_view key) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(key));
  }
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return hash_of(key); }
    std::size_t operator()(const Entry& entry) const { return entry.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const std::deque<Row>* rows;
    std::string_view key(std::string_view text) const { return text; }
    std::string_view key(const Entry& entry) const { return key_of((*rows)[entry.slot].record); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return key(a) == key(b);
    }
  };

  Slot take_slot() {
    if (!free_.empty()) {
      const Slot slot = free_.back();
      free_.pop_back();
      return slot;
    }
    rows_.emplace_back();
    return static_cast<Slot>(rows_.size() - 1);
  }

  void file(Slot slot, SteadyTime deadline) {
    Row& row = rows_[slot];
    if (deadline == domain::kNever || !DeadlineWheel::precedes(deadline, row.filed)) return;
    row.filed = wheel_.file(slot, deadline);
  }

  std::deque<Row> rows_;
  std::vector<Slot> free_;
  boost::unordered_flat_set<Entry, Hash, Equal> entries_;
  DeadlineWheel wheel_;
};

}  // namespace weir::control::store
