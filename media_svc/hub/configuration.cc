#include "media_svc/hub/configuration.h"

#include <algorithm>
#include <utility>

#include "media_svc/flv/ex_header.h"

namespace weir::media::hub {
namespace {

bool same_purpose(const Frame& a, const Frame& b) {
  return a.type() == b.type() && a.role() == b.role();
}

// Calls `visit(track, codec)` for each track of the frame.
template <class Visit>
void for_each_track(const Frame& frame, Visit visit) {
  const auto body = frame.payload().span();
  if (!flv::is_extended(frame.type(), body)) return visit(0, frame.tag_class().codec);
  const auto header = flv::read_ex_header(frame.type(), body);
  if (!header) return;
  flv::TrackReader tracks(*header);
  while (const auto track = tracks.next()) visit(track->id, track->codec);
}

bool has_codec(const Frame& frame, std::uint8_t track, flv::Codec codec) {
  bool has = false;
  for_each_track(frame, [&](std::uint8_t own_track, flv::Codec own_codec) {
    has |= own_track == track && own_codec == codec;
  });
  return has;
}

}  // namespace

bool Configuration::knows(const Frame& frame) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return same_purpose(*entry.frame, frame) && entry.idle.none() &&
           entry.frame->payload() == frame.payload();
  });
}

void Configuration::take(FrameHandle frame) {
  const flv::TrackSet tracks = flv::tracks_of(frame->type(), frame->payload());
  follow(*frame);
  std::erase_if(entries_, [&](const Entry& entry) {
    return same_purpose(*entry.frame, *frame) && (entry.tracks & ~tracks).none();
  });
  if (entries_.size() == kMaxFrames || bytes() + frame->payload().size() > kMaxBytes) return;
  // The description goes first: players read codecs and size from it.
  const bool first = frame->type() == flv::TagType::kScript;
  entries_.insert(first ? entries_.begin() : entries_.end(), Entry{std::move(frame), tracks});
}

flv::TrackSet Configuration::idle_after(const Entry& entry, const Frame& frame) {
  flv::TrackSet idle = entry.idle;
  if (entry.frame->type() != frame.type() || frame.role() == flv::TagRole::kMetadata) return idle;
  const bool ends = frame.role() == flv::TagRole::kSequenceEnd;
  for_each_track(frame, [&](std::uint8_t track, flv::Codec codec) {
    if (!entry.tracks[track] || codec == flv::Codec::kUnknown) return;
    idle[track] = ends || !has_codec(*entry.frame, track, codec);
  });
  return idle;
}

bool Configuration::is_changed_by(const Frame& frame) const {
  return std::ranges::any_of(
      entries_, [&](const Entry& entry) { return idle_after(entry, frame) != entry.idle; });
}

void Configuration::follow(const Frame& frame) {
  for (Entry& entry : entries_) entry.idle = idle_after(entry, frame);
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
    if ((entry.tracks & ~entry.idle).none()) continue;
    frames.push_back(Frame::restamped(*entry.frame, timestamp));
  }
  return frames;
}

}  // namespace weir::media::hub
