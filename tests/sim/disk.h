// Control's disk and the journal in front of it, in virtual time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control_svc/store/journal.h"
#include "control_svc/store/memory_store.h"
#include "tests/sim/names.h"
#include "tests/sim/random.h"
#include "tests/sim/settings.h"
#include "tests/sim/timeline.h"

namespace weir::sim {

// What outlives a crash of control: the bytes of each record, as the real journal keeps them.
struct Disk {
  std::map<std::string, std::string> users;
  std::map<std::string, std::string> claims;
  std::string fleet;
};

// Sees each commit the moment it is made, and each event once it may be told.
struct CommitWatch {
  std::function<void(const domain::UserRecord&)> user_committed;
  std::function<void(const domain::StreamClaim&, bool removed)> claim_committed;
  std::function<void()> claim_on_disk;
  std::function<void(const domain::FleetRecord&)> fleet_committed;
  std::function<void(const domain::Event&)> told;
};

// One life of control's journal: a group of commits reaches the disk some milliseconds after the
// first of them, then their replies go out. What is still in it at a crash is lost.
class SimJournal final : public store::Journal {
 public:
  SimJournal(Disk& disk, Timeline& timeline, Random& random, PlantedFault planted,
             CommitWatch watch);

  bool accepts() const override { return !crashed_; }
  void user_changed(const domain::UserRecord& record, std::vector<domain::Event> events,
                    store::Reply<store::Done> reply) override;
  void claim_changed(const domain::StreamClaim& claim, bool removed,
                     store::Reply<store::Done> reply) override;
  void fleet_changed(const domain::FleetRecord& fleet, std::vector<domain::Event> events,
                     store::Reply<store::Done> reply) override;

  // Loses what is not on disk. Whoever waits for it is told that the store has gone.
  void crash();

 private:
  struct Entry {
    std::function<void()> write;
    std::vector<domain::Event> events;
    store::Reply<store::Done> reply;
  };
  using Replies = std::vector<store::Reply<store::Done>>;
  static void answer(const Replies& replies, Result<store::Done, store::StoreError> outcome);
  void add(Entry entry);
  void flush();

  Disk& disk_;
  Timeline& timeline_;
  Random& random_;
  const PlantedFault planted_;
  const CommitWatch watch_;
  std::vector<Entry> group_;
  // Only where that fault is planted: to be answered before they are on disk.
  Replies early_;
  // Keeps the timeline from a journal that is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool crashed_ = false;
};

}  // namespace weir::sim
