// The outcome of what can be expected to fail. Each module has one error enum; what is broken
// rather than refused is thrown.
#pragma once

#include <boost/system/result.hpp>

namespace weir {

template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace weir
