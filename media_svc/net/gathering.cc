#include "media_svc/net/gathering.h"

#include "media_svc/net/rtmp_rendering.h"
#include "media_svc/rtmp/rendering.h"

namespace weir::media::net {

bool Selection::takes(const hub::Frame& frame) const {
  switch (frame.type()) {
    case flv::TagType::kAudio:
      // Who wants sound later goes on where it is, and needs what its decoder is given first.
      return audio || frame.role() != flv::TagRole::kMedia;
    case flv::TagType::kVideo:
      return video;
    case flv::TagType::kScript:
      return true;
  }
  return true;
}

bool Selection::is_common() const {
  return message_stream == rtmp::kSharedMessageStream && audio && video;
}

void Gathering::gather(std::size_t frames, const Selection& selection) {
  const bool common = selection.is_common();
  frame_count_ = frames;
  piece_count_ = 0;
  bytes_ = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    const hub::Frame& frame = *frames_[i];
    if (!common && !selection.takes(frame)) continue;
    const std::size_t at = piece_count_++;
    if (selection.message_stream == rtmp::kSharedMessageStream) {
      sources_[at] = &rendered(frame);
    } else {
      own_[at] = rtmp::render(message_of(frame), selection.message_stream);
      sources_[at] = &own_[at];
    }
    frames_after_[at] = i + 1;
    pieces_[kHead + at] = {.iov_base = const_cast<std::uint8_t*>(sources_[at]->data()),
                           .iov_len = sources_[at]->size()};
    bytes_ += sources_[at]->size();
  }
}

std::size_t Gathering::frames_done(std::size_t pieces) const {
  if (pieces == piece_count_) return frame_count_;
  return pieces == 0 ? 0 : frames_after_[pieces - 1];
}

}  // namespace weir::media::net
