// Which connection holds which session, for orders that name a session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "media_svc/control_link/order.h"
#include "media_svc/control_link/session.h"

namespace weir::media::net {

// Any thread. Outlives its entries.
class SessionDirectory {
 public:
  using Order = std::variant<control_link::EndOrder, control_link::MoveOrder>;
  using OnOrder = std::function<void(const Order&)>;

  // One holder of a session; taken out by its destructor.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept
        : directory_(std::exchange(other.directory_, nullptr)), id_(other.id_) {}
    Entry& operator=(Entry&& other) noexcept {
      std::swap(directory_, other.directory_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Entry() {
      if (directory_) directory_->remove(id_);
    }

   private:
    friend class SessionDirectory;
    Entry(SessionDirectory* directory, std::uint64_t id) : directory_(directory), id_(id) {}
    SessionDirectory* directory_ = nullptr;
    std::uint64_t id_ = 0;
  };

  // `on_order` is called on the thread of `tell`; it may still be called once after the entry is
  // gone.
  Entry add(const control_link::Session& session, OnOrder on_order);
  // Tells every holder that the order means: all with its epoch or an older one. A session that
  // was taken up by a newer connection goes on there.
  void tell(const Order& order);

 private:
  struct Holder {
    std::string session_id;
    std::int64_t epoch = 0;
    OnOrder on_order;
  };
  void remove(std::uint64_t id);

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Holder> holders_;
  std::unordered_multimap<std::string, std::uint64_t> by_session_;
  std::uint64_t last_id_ = 0;
};

}  // namespace weir::media::net
