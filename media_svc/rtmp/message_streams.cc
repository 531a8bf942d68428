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
  const auto found = std::ranges::find_if(streams_, [&](const MessageStream& stream) {
    return stream.publishes() && stream.address == address;
  });
  return found == streams_.end() ? nullptr : &*found;
}

MessageStream* MessageStreams::find_only_publishing() {
  MessageStream* only = nullptr;
  for (MessageStream& stream : streams_) {
    if (!stream.publishes()) continue;
    if (only) return nullptr;
    only = &stream;
  }
  return only;
}

}  // namespace weir::media::rtmp
