#include "tests/bench/control/percentiles.h"

#include <cstddef>

namespace weir::bench {

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace weir::bench
