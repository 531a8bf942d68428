// An FLV file as something to publish.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "common/result.h"
#include "tests/load/media_script.h"

namespace weir::load {

enum class FlvError : std::uint8_t {
  kUnreadable,
  kNotFlv,
  // Neither audio nor video.
  kNoMedia,
};

std::string_view text(FlvError error);

// The tags of a whole file; a last tag that is cut short is left out. Configuration that comes
// again later in the file stays where it is.
Result<MediaScript, FlvError> parse_flv(std::span<const std::uint8_t> file);
Result<MediaScript, FlvError> read_flv(const std::filesystem::path& path);

}  // namespace weir::load
