// One thread's sockets and times.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "tests/load/file_descriptor.h"
#include "tests/load/stamp.h"

namespace weir::load {

// Level-triggered epoll, with nothing between a socket and its owner: thousands of players must
// not cost more here than the server under test spends on them.
//
// Owned and used by one thread. Callbacks may add and remove watchers; to destroy one they go
// through `defer`.
class EventLoop {
 public:
  // Whose socket is ready. Declared by the loop, which calls it.
  class Watcher {
   public:
    virtual void on_ready(std::uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };

  EventLoop();

  // The socket must be removed before it is closed.
  void add(int socket, std::uint32_t events, Watcher& watcher);
  void change(int socket, std::uint32_t events, Watcher& watcher);
  void remove(int socket);

  // Called once at `when`; what it refers to must live until then, or until the loop ends.
  void at(Time when, std::function<void()> callback);
  // Called after everything that is ready now.
  void defer(std::function<void()> callback);

  // Runs until `done` holds or the time has come. Returns whether `done` held.
  bool run_until(Time deadline, const std::function<bool()>& done);

 private:
  void wait(Time deadline);
  void run_timers();
  void run_deferred();

  FileDescriptor epoll_;
  std::multimap<Time, std::function<void()>> timers_;
  std::vector<std::function<void()>> deferred_;
};

}  // namespace weir::load
