#include "media_svc/rtmp/message_streams.h"

#include <algorithm>

namespace weir::media::rtmp {

MessageStream* MessageStreams::create() {
  std::uint32_t id = 1;
  while (find(id)) ++id;
  return find_or_add(id);
}

MessageStream* MessageStreams::find(std::uint32_t id) {
  const auto found = std::ranges::find(streams_, id, &MessageStream::id);
  return found == streams_.end() ? nullptr : &*found;
}

MessageStream* MessageStreams::find_or_add(std::uint32_t id) {
  if (MessageStream* known = find(id)) return known;
  if (id == 0 || streams_.size() == limit_) return nullptr;
  MessageStream& added = streams_.emplace_back();
  added.id = id;
  return &added;
}

void MessageStreams::erase(std::uint32_t id) {
  std::erase_if(streams_, [id](const MessageStream& stream) { return stream.id == id; });
}

MessageStream* MessageStreams::find_publishing(const std::string& address) {
  MessageStream* only = nullptr;
  std::size_t publishing = 0;
  for (MessageStream& stream : streams_) {
    if (!stream.publishes()) continue;
    if (stream.address == address) return &stream;
    only = &stream;
    ++publishing;
  }
  return publishing == 1 ? only : nullptr;
}

}  // namespace weir::media::rtmp
