// A user's application: asks for sessions, renews them, pauses, switches, and forgets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace weir::sim {

// Owned by the simulation; acts by itself once started.
class Person {
 public:
  Person(World& world, std::string name) : world_(world), name_(std::move(name)) {}
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
  void sent(const domain::AdmitRequest& request);
  void remove(const std::string& session_id);
  std::string any_stream();

  World& world_;
  const std::string name_;
  std::vector<Held> held_;
  domain::AdmitRequest last_request_;
  std::uint64_t requests_ = 0;
};

}  // namespace weir::sim
