#include "control_svc/store/session_id_source.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace weir::control::store {

namespace {

// Random bits of one thread, asked of the kernel for several ids at once.
class RandomBits {
 public:
  std::uint64_t next() {
    if (used_ == bits_.size()) refill();
    return bits_[used_++];
  }

 private:
  void refill() {
    // So few bytes come whole or not at all (getrandom(2)).
    static_assert(sizeof(bits_) <= 256);
    while (::getrandom(bits_.data(), sizeof(bits_), 0) < 0) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    used_ = 0;
  }

  std::array<std::uint64_t, 32> bits_{};
  std::size_t used_ = bits_.size();
};

}  // namespace

domain::SessionId RandomSessionIds::next(std::string_view user_id) {
  thread_local RandomBits random;
  const std::uint64_t high = random.next();
  return {domain::bucket_of(user_id), high, random.next()};
}

}  // namespace weir::control::store
