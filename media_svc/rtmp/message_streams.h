// The message streams of one server connection, and what each is used for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::media::rtmp {

struct MessageStream {
  enum class Use : std::uint8_t { kIdle, kPublishRequested, kPublishing, kPlayRequested, kPlaying };

  std::uint32_t id = 0;
  Use use = Use::kIdle;
  // "{app}/{name}" of what it is used for.
  std::string address;
  // Of a play.
  bool wants_video = true;

  void end_use() {
    use = Use::kIdle;
    address.clear();
    wants_video = true;
  }
  bool publishes() const { return use == Use::kPublishRequested || use == Use::kPublishing; }
  bool plays() const { return use == Use::kPlayRequested || use == Use::kPlaying; }
};

// A handful, in no order. Ids are given out lowest first, so that nearly every connection uses the
// one that renderings are made for.
class MessageStreams {
 public:
  explicit MessageStreams(std::size_t limit) : limit_(limit) {}

  // A new one with the lowest free id; null at the limit.
  MessageStream* create();
  // Null if there is none.
  MessageStream* find(std::uint32_t id);
  // Also one that was never created, as clients use that took no notice of createStream's answer
  // or deleted their stream; null at the limit and for the connection itself (0).
  MessageStream* find_or_add(std::uint32_t id);
  void erase(std::uint32_t id);
  // The one that publishes `address`; null if there is none.
  MessageStream* find_publishing(const std::string& address);
  // The only one that publishes; null if there is none, or several.
  MessageStream* find_only_publishing();

 private:
  std::size_t limit_;
  std::vector<MessageStream> streams_;
};

}  // namespace weir::media::rtmp
