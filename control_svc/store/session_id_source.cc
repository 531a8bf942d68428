#include "control_svc/store/session_id_source.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace weir::control::store {

domain::SessionId RandomSessionIds::next(std::string_view user_id) {
  std::array<std::uint64_t, 2> random{};
  // So few bytes come whole or not at all (getrandom(2)).
  while (::getrandom(random.data(), sizeof(random), 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return {domain::bucket_of(user_id), random[0], random[1]};
}

}  // namespace weir::control::store
