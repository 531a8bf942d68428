#include "tests/load/media_script.h"

#include <array>

namespace weir::load {

SharedBytes stamped(const ScriptFrame& frame, Time sent) {
  if (!frame.takes_stamp) return frame.body;
  constexpr std::size_t kFlvHeader = 5;
  constexpr std::array<std::uint8_t, 4> kLength{0, 0, 0, kStampNalBytes};
  const auto body = frame.body.span();
  SharedBytes::Builder builder;
  builder.reserve(body.size() + kStampBytes);
  builder.append(body.first(kFlvHeader));
  builder.append(kLength);
  builder.append(stamp_nal(sent));
  builder.append(body.subspan(kFlvHeader));
  return builder.take();
}

}  // namespace weir::load
