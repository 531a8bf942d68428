// What a run has seen so far.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/load/histogram.h"

namespace weir::load {

// Of the time since the last step of the run began to measure.
struct Window {
  // On the sockets, with all protocol.
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t frames_sent = 0;
  // Not sent, because the server did not read.
  std::uint64_t frames_dropped = 0;
  // From the publisher's stamp to the player; of the players that measure.
  Histogram delay;
  std::uint64_t churned = 0;
  // Connections that the server or the network ended.
  std::uint64_t lost = 0;
};

// Written by the connections, read by the run and its progress line. For one thread.
struct Meter {
  Window window;

  // Of the whole run, each from the call of connect().
  Histogram publish_start;
  Histogram play_start;
  Histogram first_frame;
  // Of publishers that were asked to reconnect: from the last frame at the old place to the first
  // at the new one.
  Histogram move_gap;
  // Players whose first video frame was a keyframe, and was not.
  std::uint64_t joined_at_keyframe = 0;
  std::uint64_t joined_elsewhere = 0;
  std::uint64_t lost = 0;
  // How often the server answered with which status code, and why connections ended early.
  std::map<std::string, std::uint64_t> refusals;
  std::map<std::string, std::uint64_t> losses;

  void count_lost(const std::string& why) {
    ++window.lost;
    ++lost;
    ++losses[why];
  }
};

}  // namespace weir::load
