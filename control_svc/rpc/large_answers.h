// Bounds what callers can make control hold for them by not reading their answers.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace weir::control::rpc {

// Counts the calls under way whose answers may be large: a page of 1,000 sessions takes about
// 1 MB until its caller has read it. Owned by main, outlives the services. Any thread.
class LargeAnswers {
 public:
  // Of one connection, so that one which reads nothing leaves room for the others; and of all.
  static constexpr std::size_t kMostOfOneCaller = 64;
  static constexpr std::size_t kMost = 512;
  // In bytes: what is no larger than the answers of other calls is not counted once it is given.
  static constexpr std::size_t kSmall = 4'096;

  // One call's place; gives it back at its end.
  class Permit {
   public:
    Permit(LargeAnswers& owner, std::string caller) : owner_(&owner), caller_(std::move(caller)) {}
    Permit(Permit&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), caller_(std::move(other.caller_)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (owner_ != nullptr) owner_->give_back(caller_);
    }

   private:
    LargeAnswers* owner_;
    std::string caller_;
  };

  // Nothing: too many answers wait to be read.
  std::optional<Permit> take(std::string caller);

 private:
  void give_back(const std::string& caller);

  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> under_way_;
  std::size_t all_ = 0;
};

}  // namespace weir::control::rpc
