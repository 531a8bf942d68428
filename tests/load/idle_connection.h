// A client that connects to an application and then says nothing.
#pragma once

#include "tests/load/client_connection.h"
#include "tests/load/stage.h"

namespace weir::load {

// Owned by the run.
class IdleConnection {
 public:
  explicit IdleConnection(Stage& stage);

  bool is_settled() const { return connected_ || !connection_.is_open(); }

 private:
  void on_event(const media::rtmp::ClientEvent& event);

  bool connected_ = false;
  ClientConnection connection_;
};

}  // namespace weir::load
