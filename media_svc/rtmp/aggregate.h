// Aggregate messages: several media messages in one (Adobe RTMP 1.0, section 7.1.6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/shared_bytes.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// Takes one aggregate apart, message by message. Default-constructed it is empty.
class Aggregate {
 public:
  Aggregate() = default;
  explicit Aggregate(Message message) : message_(std::move(message)) {}

  // The next message, on the aggregate's own message stream, its time moved so that the first one
  // has the aggregate's. Nothing at the end; a message that is cut short is left out.
  std::optional<Message> next();

 private:
  Message message_;
  std::size_t position_ = 0;
  std::uint32_t time_offset_ = 0;
};

}  // namespace weir::media::rtmp
