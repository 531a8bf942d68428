// Connections that come and go.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "tests/load/stage.h"

namespace weir::load {

// Opens connections at the rate that the options say, whatever became of those before; each
// publishes a stream of its own or plays stream 0, stays for a while and leaves in order.
//
// Owned by the run, on the loop's thread; lives until the loop has ended.
class ChurnCrowd {
 public:
  explicit ChurnCrowd(Stage& stage);
  ~ChurnCrowd();

  void start();
  // No new ones from now on.
  void stop() { running_ = false; }
  std::size_t open() const { return visitors_.size(); }

 private:
  class Visitor;

  void admit_due();
  void forget(std::uint64_t id);

  Stage& stage_;
  bool running_ = false;
  Time began_;
  std::uint64_t admitted_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Visitor>> visitors_;
};

}  // namespace weir::load
