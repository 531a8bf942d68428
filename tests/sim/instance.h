// A media instance: encoders and players come and go, and it tells control about them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media_svc/drain/shutdown_machine.h"
#include "tests/sim/stream_wish.h"
#include "tests/sim/world.h"

namespace weir::sim {

// Owned by the simulation; acts by itself once started. `come_back` is given the clients that
// lost their connection.
class Instance {
 public:
  Instance(World& world, std::string name, std::function<void(StreamWish)> come_back);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  void start();
  void connect(const StreamWish& wish);
  // Everything is gone; another incarnation goes on under the same name.
  void crash();
  // SIGTERM.
  void terminate();
  // Feels unhealthy for that long, or until it starts anew.
  void fall_ill(Duration how_long);
  const std::string& name() const { return name_; }

 private:
  struct Connection {
    StreamWish wish;
    domain::SessionId session;
    std::int64_t epoch = 0;
    // No media for a while: reported interrupted, not renewed.
    bool silent = false;
  };
  struct Report {
    std::uint64_t number;
    domain::SessionReport report;
  };
  enum class LineState { kDown, kAttaching, kAttached };

  void work();
  void attach();
  void attach_later(Duration at_most);
  // Nobody answers on it, or control has closed it.
  void lose_line();
  void beat();
  std::vector<domain::HeldSession> held() const;
  void renew();
  void live(Connection& connection);
  void admitted(const StreamWish& wish, const domain::AdmitAnswer& answer);
  void report(const Connection& connection, domain::SessionReport::Kind kind);
  void send_reports();
  void on_notice(const domain::EndNotice& notice);
  void new_incarnation();
  void restart();
  domain::InstanceSighting status() const;

  // How it goes: what the product's machine says (instance_shutdown.cc).
  void step(const media::drain::Event& event);
  void perform(media::drain::Action action);
  void look();
  void ask();
  void on_order(const domain::InstanceRecord& order);
  void on_move(const domain::MoveOrder& order);
  // Ends connections, whose clients come back.
  void interrupt(Connection& connection);
  void interrupt_all(bool players, bool publishers);

  World& world_;
  const std::string name_;
  const std::function<void(StreamWish)> come_back_;
  std::string incarnation_;
  std::uint64_t incarnations_ = 0;
  // Its wall clock beside the world's.
  Duration clock_skew_{0};
  LineState line_state_ = LineState::kDown;
  // The newest one; each attempt has a number of its own.
  Line line_;
  SteadyTime last_beat_{};
  std::vector<Connection> connections_;
  std::deque<Report> reports_;
  std::uint64_t numbered_ = 0;
  bool sending_ = false;
  std::optional<media::drain::ShutdownMachine> machine_;
  bool ready_ = true;
  bool accepting_ = true;
};

}  // namespace weir::sim
