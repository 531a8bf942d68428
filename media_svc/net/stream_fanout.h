// One stream's way to all its players on one worker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "media_svc/hub/registry.h"
#include "media_svc/hub/stream_log.h"
#include "media_svc/net/relay_desk.h"
#include "media_svc/net/rtmp_worker.h"

namespace weir::media::net {

class Player;

// Held by its players, on their worker. Most players stand at the head of the stream: what is new
// is gathered once and written to each of them directly; those behind catch up by themselves. On a
// loaded worker frames are collected for a moment first.
//
// Players leave where they hear of a beginning or an end, not while frames are written: connections
// that fail close later, from the worker's queue.
class StreamFanout final : public hub::LogListener,
                           public std::enable_shared_from_this<StreamFanout> {
 public:
  StreamFanout(std::string stream_id, RtmpWorker& worker);
  StreamFanout(const StreamFanout&) = delete;
  StreamFanout& operator=(const StreamFanout&) = delete;
  ~StreamFanout();

  hub::StreamLog& log() const { return attachment_.log(); }
  void add(Player& player) { players_.push_back(&player); }
  void remove(Player& player);
  // It has a player of its own: where the stream is on another instance, it is fetched from there.
  void want();
  // That was in vain so far.
  bool in_vain() const { return wish_.in_vain(); }

  void on_begin() override;
  void on_frames() override;
  void on_end(hub::EndReason reason) override;
  // The frames that were collected meanwhile are due.
  void on_round();

 private:
  template <class Tell>
  void tell_each(const Tell& tell);
  void deliver();

  const std::string stream_id_;
  hub::Attachment attachment_;
  RtmpWorker& worker_;
  RelayDesk::Wish wish_;
  std::vector<Player*> players_;
  // All before it has been offered to the players.
  hub::Sequence delivered_;
  // Joined the worker's round of sends.
  bool collecting_ = false;
};

}  // namespace weir::media::net
