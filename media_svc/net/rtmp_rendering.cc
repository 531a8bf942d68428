#include "media_svc/net/rtmp_rendering.h"

#include <memory>
#include <utility>

#include "media_svc/rtmp/rendering.h"

namespace weir::media::net {
namespace {

// The only rendering that frames get in this process.
class RtmpRendering final : public hub::Rendering {
 public:
  explicit RtmpRendering(SharedBytes bytes) : bytes_(std::move(bytes)) {}
  const SharedBytes& bytes() const { return bytes_; }

 private:
  const SharedBytes bytes_;
};

}  // namespace

// FLV's tag types are RTMP's message types (Adobe FLV 10.1, E.4.1).
rtmp::Message message_of(const hub::Frame& frame) {
  return {.type = static_cast<rtmp::MessageType>(frame.type()),
          .timestamp = frame.timestamp(),
          .stream_id = 0,
          .payload = frame.payload()};
}

hub::FrameHandle frame_of(const rtmp::Message& message) {
  return hub::Frame::make(static_cast<flv::TagType>(message.type), message.timestamp,
                          message.payload);
}

const SharedBytes& rendered(const hub::Frame& frame) {
  const hub::Rendering* rendering = frame.rendering();
  if (!rendering) {
    rendering =
        &frame.keep_rendering(std::make_unique<RtmpRendering>(rtmp::render(message_of(frame))));
  }
  return static_cast<const RtmpRendering*>(rendering)->bytes();
}

}  // namespace weir::media::net
