// The PROXY header: what it says is the same with anything behind it, and never about more bytes
// than are there.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "media_svc/net/proxy_header.h"

namespace weir::media::net {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = parse_proxy_header({data, size});
  if (!header) return 0;
  if (!*header) {
    if (size >= kProxyHeaderBytes) std::abort();
    return 0;
  }
  const std::size_t bytes = (*header)->bytes;
  if (bytes > size || bytes > kProxyHeaderBytes) std::abort();
  const auto alone = parse_proxy_header({data, bytes});
  if (!alone || !*alone || (*alone)->source != (*header)->source) std::abort();
  if (bytes > 0) {
    const auto shorter = parse_proxy_header({data, bytes - 1});
    if (!shorter || *shorter) std::abort();
  }
  return 0;
}

}  // namespace weir::media::net
