// One published stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/load/client_connection.h"
#include "tests/load/stage.h"

namespace weir::load {

// Sends the script over and over, each frame when its time has come, with the time inside. A
// server that does not read costs frames up to the next keyframe, which are counted. Asked to
// reconnect, it starts at the new place first and goes on there from the next keyframe.
//
// Owned by the run; lives until the loop has ended, since its timer refers to it.
class Publisher {
 public:
  Publisher(Stage& stage, std::uint64_t stream);

  // Started or never going to.
  bool is_settled() const { return started_ || !connection_->is_open(); }
  bool is_open() const;
  void stop();

 private:
  std::unique_ptr<ClientConnection> connect(const SocketAddress& address);
  void on_event(const media::rtmp::ClientEvent& event);
  void start_elsewhere(const std::string& tc_url);
  void go_on_elsewhere();
  bool can_go_on() const;
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
  Time last_sent_;
  // Of the last frame before a move that is not made up for by a keyframe yet.
  std::optional<Time> gap_began_;
  // The same user at every place.
  std::optional<media::rtmp::ClientSession::Options> session_;
  std::unique_ptr<ClientConnection> connection_;
  // To the place where it is to go on, until that has started it.
  std::unique_ptr<ClientConnection> next_connection_;
  // To places that it has left, which close them.
  std::vector<std::unique_ptr<ClientConnection>> left_;
};

}  // namespace weir::load
