#pragma once

#include <vector>

namespace weir::bench {

// `share` 0.99: what 99 of 100 values stay below; 0 where there are none.
double percentile(const std::vector<double>& sorted, double share);

}  // namespace weir::bench
