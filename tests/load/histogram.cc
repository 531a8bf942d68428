#include "tests/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::load {

// Values below 64 have a class each. Above, the class is the position of the highest bit and the
// six bits that follow it.
std::size_t Histogram::class_of(std::uint64_t value) {
  if (value < (1u << kSubBits)) return value;
  const int shift = std::bit_width(value) - 1 - kSubBits;
  const std::uint64_t sub = (value >> shift) & ((1u << kSubBits) - 1);
  return ((static_cast<std::size_t>(shift) + 1) << kSubBits) + sub;
}

std::uint64_t Histogram::upper_bound(std::size_t index) {
  if (index < (1u << kSubBits)) return index;
  const std::size_t shift = (index >> kSubBits) - 1;
  const std::uint64_t sub = index & ((1u << kSubBits) - 1);
  const std::uint64_t lower = ((1u << kSubBits) + sub) << shift;
  return lower + (std::uint64_t{1} << shift) - 1;
}

void Histogram::record(Value value) {
  const Value positive = std::max(value, Value{0});
  ++classes_[class_of(static_cast<std::uint64_t>(positive.count()))];
  ++count_;
  max_ = std::max(max_, positive);
}

Histogram::Value Histogram::percentile(double fraction) const {
  if (count_ == 0) return Value{0};
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(fraction * count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kClasses; ++i) {
    seen += classes_[i];
    if (seen >= wanted) {
      return std::min(max_, Value{static_cast<Value::rep>(upper_bound(i))});
    }
  }
  return max_;
}

}  // namespace weir::load
