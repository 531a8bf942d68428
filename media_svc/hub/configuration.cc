#include "media_svc/hub/configuration.h"

#include <algorithm>
#include <utility>

namespace weir::media::hub {
namespace {

bool same_purpose(const Frame& a, const Frame& b) {
  return a.type() == b.type() && a.role() == b.role();
}

}  // namespace

bool Configuration::knows(const Frame& frame) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return same_purpose(*entry.frame, frame) && entry.frame->payload() == frame.payload();
  });
}

void Configuration::take(FrameHandle frame) {
  const flv::TrackSet tracks = flv::tracks_of(frame->type(), frame->payload());
  std::erase_if(entries_, [&](const Entry& entry) {
    return same_purpose(*entry.frame, *frame) && (entry.tracks & ~tracks).none();
  });
  if (entries_.size() == kMaxFrames || bytes() + frame->payload().size() > kMaxBytes) return;
  // The description goes first: players read codecs and size from it.
  const bool first = frame->type() == flv::TagType::kScript;
  entries_.insert(first ? entries_.begin() : entries_.end(), Entry{std::move(frame), tracks});
}

std::size_t Configuration::bytes() const {
  std::size_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.frame->payload().size();
  return sum;
}

std::vector<FrameHandle> Configuration::frames_at(std::uint32_t timestamp) const {
  std::vector<FrameHandle> frames;
  frames.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    frames.push_back(Frame::restamped(*entry.frame, timestamp));
  }
  return frames;
}

}  // namespace weir::media::hub
