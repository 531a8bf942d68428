// One published stream.
#pragma once

#include <chrono>
#include <cstdint>

#include "tests/load/client_connection.h"
#include "tests/load/stage.h"

namespace weir::load {

// Sends the script over and over, each frame when its time has come, with the time inside. A
// server that does not read costs frames up to the next keyframe, which are counted.
//
// Owned by the run; lives until the loop has ended, since its timer refers to it.
class Publisher {
 public:
  Publisher(Stage& stage, std::uint64_t stream);

  bool has_started() const { return started_; }
  // Started or never going to.
  bool is_settled() const { return started_ || !connection_.is_open(); }
  bool is_open() const { return connection_.is_open(); }
  void stop() { connection_.stop(); }

 private:
  void on_event(const media::rtmp::ClientEvent& event);
  void start();
  void send_due();
  void send(const ScriptFrame& frame, std::chrono::milliseconds time);
  // The time of the next frame in the stream.
  std::chrono::milliseconds next_time() const;

  Stage& stage_;
  Time asked_;
  Time began_;
  std::uint64_t rounds_ = 0;
  std::size_t next_ = 0;
  bool started_ = false;
  bool skipping_ = false;
  ClientConnection connection_;
};

}  // namespace weir::load
