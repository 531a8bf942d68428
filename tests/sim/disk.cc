#include "tests/sim/disk.h"

#include <utility>

#include "control_svc/store/record_codec.h"

namespace weir::sim {

SimJournal::SimJournal(Disk& disk, Timeline& timeline, Random& random, PlantedFault planted,
                       CommitWatch watch)
    : disk_(disk),
      timeline_(timeline),
      random_(random),
      planted_(planted),
      watch_(std::move(watch)) {}

void SimJournal::user_changed(const domain::UserRecord& record, std::vector<domain::Event> events,
                              store::Reply<store::Done> reply) {
  watch_.user_committed(record);
  std::string bytes = record.vacant() ? "" : store::encode(record, timeline_.clocks());
  add({[this, user = record.user_id.str(), bytes = std::move(bytes)] {
         if (bytes.empty()) {
           disk_.users.erase(user);
         } else {
           disk_.users[user] = bytes;
         }
       },
       std::move(events), std::move(reply)});
}

void SimJournal::claim_changed(const domain::StreamClaim& claim, bool removed,
                               store::Reply<store::Done> reply) {
  watch_.claim_committed(claim, removed);
  add({[this, stream = claim.stream_id.str(), removed,
        bytes = store::encode(claim, timeline_.clocks())] {
         if (removed) {
           disk_.claims.erase(stream);
         } else {
           disk_.claims[stream] = bytes;
         }
         watch_.claim_on_disk();
       },
       {},
       std::move(reply)});
}

void SimJournal::fleet_changed(const domain::FleetRecord& fleet, std::vector<domain::Event> events,
                               store::Reply<store::Done> reply) {
  watch_.fleet_committed(fleet);
  add({[this, bytes = store::encode(fleet, timeline_.clocks())] { disk_.fleet = bytes; },
       std::move(events), std::move(reply)});
}

void SimJournal::add(Entry entry) {
  if (planted_ == PlantedFault::kAnswerBeforeCommit) {
    early_.push_back(std::exchange(entry.reply, nullptr));
    timeline_.after(Duration{0}, [this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) answer(std::exchange(early_, {}), store::Done{});
    });
  }
  group_.push_back(std::move(entry));
  if (group_.size() > 1) return;
  // Disks stall now and then.
  const Duration slowest = random_.chance(0.1) ? Duration{400} : Duration{25};
  const Duration commit_time = random_.between(Duration{1}, slowest);
  timeline_.after(commit_time, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) flush();
  });
}

void SimJournal::flush() {
  for (const Entry& entry : std::exchange(group_, {})) {
    entry.write();
    for (const domain::Event& event : entry.events) watch_.told(event);
    if (entry.reply) entry.reply(store::Done{});
  }
}

void SimJournal::crash() {
  crashed_ = true;
  // Those who are told may try once more, and are told again.
  while (!group_.empty() || !early_.empty()) {
    Replies replies = std::exchange(early_, {});
    for (Entry& entry : std::exchange(group_, {})) replies.push_back(std::move(entry.reply));
    answer(replies, store::StoreError::kUnavailable);
  }
}

void SimJournal::answer(const Replies& replies, Result<store::Done, store::StoreError> outcome) {
  for (const auto& reply : replies) {
    if (reply) reply(outcome);
  }
}

}  // namespace weir::sim
