// One viewer.
#pragma once

#include <cstdint>

#include "tests/load/client_connection.h"
#include "tests/load/stage.h"

namespace weir::load {

// Plays a stream: times the first frame, then either reads everything and measures the delay of
// each stamped frame, or only counts bytes. Owned by the run, which deletes it between two rounds
// of the loop.
class Player {
 public:
  Player(Stage& stage, std::uint64_t stream, bool measures);

  bool is_settled() const { return joined_ || !connection_.is_open(); }
  bool is_open() const { return connection_.is_open(); }
  void stop() { connection_.stop(); }

 private:
  void on_event(const media::rtmp::ClientEvent& event);
  void start();
  void take(const media::rtmp::Message& message);
  void join(bool at_keyframe);

  Stage& stage_;
  bool measures_;
  bool joined_ = false;
  Time asked_;
  Time joined_at_;
  ClientConnection connection_;
};

}  // namespace weir::load
