// Which streams players here wait for, so that each is relayed once at most.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace weir::media::net {

class Relay;
class RtmpWorker;

// Part of RtmpContext. Any thread; outlives its wishes.
class RelayDesk {
 public:
  // One worker's wish for a stream, published here or not; taken back by its destructor.
  class Wish {
   public:
    Wish() = default;
    Wish(Wish&& other) noexcept
        : desk_(std::exchange(other.desk_, nullptr)), relay_(std::move(other.relay_)) {}
    Wish& operator=(Wish&& other) noexcept {
      std::swap(desk_, other.desk_);
      std::swap(relay_, other.relay_);
      return *this;
    }
    ~Wish() {
      if (desk_) desk_->take_back(std::move(relay_));
    }

    explicit operator bool() const { return desk_ != nullptr; }
    // The stream has begun or ended here.
    void stream_changed() const;
    // It is not here, and was looked for elsewhere in vain.
    bool in_vain() const;

   private:
    friend class RelayDesk;
    Wish(RelayDesk& desk, std::shared_ptr<Relay> relay) : desk_(&desk), relay_(std::move(relay)) {}
    RelayDesk* desk_ = nullptr;
    std::shared_ptr<Relay> relay_;
  };

  // The first wish for a stream begins its relay, on `worker`; the last one's end ends it.
  Wish want(const std::string& stream_id, RtmpWorker& worker);

 private:
  struct Wanted {
    std::size_t wishes = 0;
    std::shared_ptr<Relay> relay;
  };

  void take_back(std::shared_ptr<Relay> relay);

  std::mutex mutex_;
  std::unordered_map<std::string, Wanted> wanted_;
};

}  // namespace weir::media::net
