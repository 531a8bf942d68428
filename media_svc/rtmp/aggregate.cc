#include "media_svc/rtmp/aggregate.h"

#include <algorithm>

#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

// Each message has the header and the back pointer of an FLV tag (FLV 10.1, annex E.4.1).
constexpr std::size_t kTagHeader = 11;
constexpr std::size_t kBackPointer = 4;

}  // namespace

std::optional<Message> Aggregate::next() {
  const auto rest = message_.payload.span().subspan(position_);
  if (rest.size() < kTagHeader) {
    *this = Aggregate();
    return std::nullopt;
  }
  const std::size_t length = load_u24(rest.data() + 1);
  if (rest.size() - kTagHeader < length) {
    *this = Aggregate();
    return std::nullopt;
  }
  const std::uint32_t timestamp = load_u24(rest.data() + 4) | std::uint32_t{rest[7]} << 24;
  if (position_ == 0) time_offset_ = message_.timestamp - timestamp;
  position_ += std::min(rest.size(), kTagHeader + length + kBackPointer);
  return Message{static_cast<MessageType>(rest[0]), timestamp + time_offset_, message_.stream_id,
                 SharedBytes::copy_of(rest.subspan(kTagHeader, length))};
}

}  // namespace weir::media::rtmp
