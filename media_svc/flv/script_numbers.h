// The numbers that an onMetaData tells.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace weir::media::flv {

// Calls `each` for every number (or boolean, as 0 and 1) at the top level of the script tag's
// value. Goes as far as the bytes make sense. Values of other kinds are skipped, however deep
// they are.
void for_each_script_number(std::span<const std::uint8_t> script,
                            const std::function<void(std::string_view name, double value)>& each);

}  // namespace weir::media::flv
