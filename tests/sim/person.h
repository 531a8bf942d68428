// A user's application: asks for sessions, renews them, pauses, switches, and forgets.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/stream_wish.h"
#include "tests/sim/world.h"

namespace weir::sim {

// Where control has placed a session: its client goes to that instance.
using GoTo = std::function<void(const std::string& instance, const StreamWish& wish)>;

// Owned by the simulation; acts by itself once started.
class Person {
 public:
  Person(World& world, std::string name, GoTo go_to)
      : world_(world), name_(std::move(name)), go_to_(std::move(go_to)) {}
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;

  void start();

 private:
  struct Held {
    std::string session_id;
    std::string stream_id;
  };

  void act();
  void admit();
  void admit_again();
  void renew_one();
  void renew_all();
  void change_one();
  void administrate();
  void kick_newest();
  void sent(const domain::AdmitRequest& request);
  void remove(const std::string& session_id);
  std::string any_stream();

  World& world_;
  const std::string name_;
  const GoTo go_to_;
  std::vector<Held> held_;
  domain::AdmitRequest last_request_;
  std::uint64_t requests_ = 0;
};

}  // namespace weir::sim
