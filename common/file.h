// Small files as text: configuration, secrets, what /proc tells.
#pragma once

#include <optional>
#include <string>

namespace weir {

// The whole content; nothing if the file cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace weir
