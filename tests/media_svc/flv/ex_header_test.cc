#include "media_svc/flv/ex_header.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/tag_generator.h"

namespace weir::media::flv {
namespace {

using support::Bytes;
using support::ExTag;
using support::Tracks;
namespace packet = support::packet;

TEST(ExHeader, AddsUpWhatAModifierSays) {
  ExTag tag;
  tag.packet = packet::kCodedFramesX;
  tag.modifiers = {{5, {1, 2}}, support::nanosecond_offset(999'999)};
  tag.tracks = {{0, "", {42}}};
  const Bytes bytes = ex_tag(tag);
  const auto header = read_ex_header(TagType::kVideo, bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->nanosecond_offset, 999'999U);
  EXPECT_EQ(header->packet, PacketType::kCodedFramesX);
  EXPECT_EQ(header->body.size(), 1U);
}

TEST(ExHeader, TellsAudioNumbersFromVideoNumbers) {
  const Bytes channels = support::ex_audio("Opus", packet::kMultichannelConfig, {1});
  EXPECT_EQ(read_ex_header(TagType::kAudio, channels)->packet, PacketType::kMultichannelConfig);
  const Bytes colours = support::ex_video("hvc1", packet::kVideoMetadata, true, {1});
  EXPECT_EQ(read_ex_header(TagType::kVideo, colours)->packet, PacketType::kVideoMetadata);
}

TEST(ExHeader, ReadsAudioTracks) {
  ExTag tag;
  tag.type = TagType::kAudio;
  tag.packet = packet::kCodedFrames;
  tag.form = Tracks::kManyWithCodecs;
  tag.tracks = {{0, "Opus", {1, 2, 3}}, {1, "fLaC", {4}}};
  const Bytes bytes = ex_tag(tag);
  const auto header = read_ex_header(TagType::kAudio, bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->form, TrackForm::kManyTracksManyCodecs);
  TrackReader tracks(*header);
  const auto first = tracks.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->codec, Codec::kOpus);
  EXPECT_EQ(Bytes(first->body.begin(), first->body.end()), (Bytes{1, 2, 3}));
  const auto second = tracks.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, 1);
  EXPECT_EQ(second->codec, Codec::kFlac);
  EXPECT_FALSE(tracks.next());
}

TEST(ExHeader, StopsAtATrackThatIsCutShort) {
  ExTag tag;
  tag.form = Tracks::kMany;
  tag.tracks = {{0, "", {1, 2, 3}}, {1, "", {4, 5, 6}}};
  Bytes bytes = ex_tag(tag);
  bytes.pop_back();
  const auto header = read_ex_header(TagType::kVideo, bytes);
  ASSERT_TRUE(header);
  TrackReader tracks(*header);
  EXPECT_TRUE(tracks.next());
  EXPECT_FALSE(tracks.next());
  EXPECT_FALSE(tracks.next());
}

}  // namespace
}  // namespace weir::media::flv
