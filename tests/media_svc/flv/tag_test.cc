#include "media_svc/flv/tag.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/support/tag_generator.h"

namespace weir::media::flv {
namespace {

using support::Bytes;
using support::ExTag;
using support::Tracks;
namespace packet = support::packet;

struct TagCase {
  std::string name;
  TagType type;
  Bytes body;
  TagRole role;
  Codec codec;
};

void PrintTo(const TagCase& test, std::ostream* out) { *out << test.name; }

Bytes multitrack(Tracks form, std::uint8_t packet, std::vector<support::ExTrack> tracks) {
  ExTag tag;
  tag.keyframe = true;
  tag.packet = packet;
  tag.four_cc = "av01";
  tag.form = form;
  tag.tracks = std::move(tracks);
  return ex_tag(tag);
}

Bytes modified(std::vector<support::ModEx> modifiers) {
  ExTag tag;
  tag.keyframe = true;
  tag.packet = packet::kCodedFramesX;
  tag.four_cc = "hvc1";
  tag.modifiers = std::move(modifiers);
  tag.tracks = {{0, "", {1, 2, 3}}};
  return ex_tag(tag);
}

constexpr auto kAudio = TagType::kAudio;
constexpr auto kVideo = TagType::kVideo;
constexpr auto kScript = TagType::kScript;

std::vector<TagCase> old_form() {
  using enum TagRole;
  return {
      {"avc_sequence_header", kVideo, support::avc_configuration({1, 100, 0, 31}), kConfiguration,
       Codec::kH264},
      {"avc_key", kVideo, support::avc_frame(true, {0}), kKeyframe, Codec::kH264},
      {"avc_inter", kVideo, support::avc_frame(false, {0}), kMedia, Codec::kH264},
      {"avc_negative_composition_time", kVideo, support::avc_frame(false, {0}, -40), kMedia,
       Codec::kH264},
      {"avc_end", kVideo, {0x17, 2, 0, 0, 0}, kSequenceEnd, Codec::kH264},
      {"avc_cut_after_one_byte", kVideo, {0x17}, kMedia, Codec::kH264},
      {"hevc_as_codec_12", kVideo, {0x1C, 0, 0, 0, 0, 1}, kConfiguration, Codec::kHevc},
      {"av1_as_codec_13", kVideo, {0x1D, 1, 0, 0, 0, 1}, kKeyframe, Codec::kAv1},
      {"h263_key", kVideo, {0x12, 0, 0}, kKeyframe, Codec::kSorensonH263},
      {"vp6_generated_key", kVideo, {0x44, 1}, kKeyframe, Codec::kVp6},
      {"screen_inter", kVideo, {0x23, 1}, kMedia, Codec::kScreenVideo},
      {"video_command", kVideo, {0x57, 1}, kMedia, Codec::kH264},
      {"aac_sequence_header", kAudio, support::aac_configuration(), kConfiguration, Codec::kAac},
      {"aac_raw", kAudio, support::aac_frame({1}), kMedia, Codec::kAac},
      {"aac_cut_after_one_byte", kAudio, {0xAF}, kMedia, Codec::kAac},
      {"mp3", kAudio, support::mp3_frame({1}), kMedia, Codec::kMp3},
      {"mp3_8_khz", kAudio, {0xE2, 0}, kMedia, Codec::kMp3},
      {"speex", kAudio, {0xB2, 0}, kMedia, Codec::kSpeex},
      {"pcm", kAudio, {0x3E, 0}, kMedia, Codec::kPcm},
      {"silence_without_bytes", kAudio, {}, kMedia, Codec::kUnknown},
      {"empty_video", kVideo, {}, kMedia, Codec::kUnknown},
      {"metadata", kScript, support::on_metadata({{"width", 640}}), kMetadata, Codec::kUnknown},
      {"text_data", kScript, {2, 0, 3, 'f', 'o', 'o'}, kMedia, Codec::kUnknown},
      {"metadata_cut", kScript, {2, 0, 10, 'o', 'n'}, kMedia, Codec::kUnknown},
      {"number_as_name", kScript, {0, 0, 0, 0}, kMedia, Codec::kUnknown},
      {"empty_script", kScript, {}, kMedia, Codec::kUnknown},
  };
}

std::vector<TagCase> extended_form() {
  using enum TagRole;
  std::vector<TagCase> cases;
  const std::pair<const char*, Codec> video[] = {{"hvc1", Codec::kHevc}, {"av01", Codec::kAv1},
                                                 {"vp09", Codec::kVp9},  {"vp08", Codec::kVp8},
                                                 {"avc1", Codec::kH264}, {"vvc1", Codec::kVvc}};
  for (const auto& [four_cc, codec] : video) {
    const std::string name = four_cc;
    const auto tag = [&](std::uint8_t packet_number, bool keyframe) {
      return support::ex_video(name, packet_number, keyframe, {1, 2, 3, 4});
    };
    cases.push_back(
        {name + "_start", kVideo, tag(packet::kSequenceStart, true), kConfiguration, codec});
    cases.push_back({name + "_key", kVideo, tag(packet::kCodedFrames, true), kKeyframe, codec});
    cases.push_back({name + "_key_x", kVideo, tag(packet::kCodedFramesX, true), kKeyframe, codec});
    cases.push_back({name + "_inter", kVideo, tag(packet::kCodedFrames, false), kMedia, codec});
    cases.push_back({name + "_end", kVideo, tag(packet::kSequenceEnd, true), kSequenceEnd, codec});
    cases.push_back({name + "_hdr", kVideo, tag(packet::kVideoMetadata, true), kMetadata, codec});
  }
  const std::pair<const char*, Codec> audio[] = {{"Opus", Codec::kOpus}, {"fLaC", Codec::kFlac},
                                                 {"ac-3", Codec::kAc3},  {"ec-3", Codec::kEac3},
                                                 {".mp3", Codec::kMp3},  {"mp4a", Codec::kAac}};
  for (const auto& [four_cc, codec] : audio) {
    const std::string name = four_cc;
    const auto tag = [&](std::uint8_t packet_number) {
      return support::ex_audio(name, packet_number, {1, 2});
    };
    cases.push_back({name + "_start", kAudio, tag(packet::kSequenceStart), kConfiguration, codec});
    cases.push_back({name + "_frames", kAudio, tag(packet::kCodedFrames), kMedia, codec});
    cases.push_back({name + "_end", kAudio, tag(packet::kSequenceEnd), kSequenceEnd, codec});
    cases.push_back(
        {name + "_channels", kAudio, tag(packet::kMultichannelConfig), kMetadata, codec});
  }
  return cases;
}

std::vector<TagCase> tracks_and_modifiers() {
  using enum TagRole;
  return {
      {"mpeg2ts_start", kVideo,
       support::ex_video("av01", packet::kMpeg2TsSequenceStart, true, {0x80}), kConfiguration,
       Codec::kAv1},
      {"unknown_four_cc", kVideo, support::ex_video("abcd", packet::kCodedFrames, true, {0}),
       kKeyframe, Codec::kUnknown},
      {"reserved_packet_type", kVideo, support::ex_video("av01", 13, true, {0}), kMedia,
       Codec::kAv1},
      {"extended_command", kVideo, {0x80 | 0x50 | 1, 0}, kMedia, Codec::kUnknown},
      {"cut_four_cc", kVideo, {0x90, 'h', 'v'}, kMedia, Codec::kUnknown},
      {"one_track_start", kVideo, multitrack(Tracks::kOne, packet::kSequenceStart, {{1, "", {9}}}),
       kConfiguration, Codec::kAv1},
      {"one_track_key", kVideo, multitrack(Tracks::kOne, packet::kCodedFrames, {{1, "", {9}}}),
       kKeyframe, Codec::kAv1},
      {"key_of_no_track", kVideo, multitrack(Tracks::kMany, packet::kCodedFrames, {}), kMedia,
       Codec::kAv1},
      {"many_tracks_key", kVideo,
       multitrack(Tracks::kMany, packet::kCodedFrames, {{1, "", {9}}, {0, "", {8}}}), kKeyframe,
       Codec::kAv1},
      {"many_codecs_start", kVideo,
       multitrack(Tracks::kManyWithCodecs, packet::kSequenceStart,
                  {{1, "vp09", {8}}, {0, "hvc1", {9}}}),
       kConfiguration, Codec::kHevc},
      {"tracks_in_tracks", kVideo, {0x96, 0x06, 'a', 'v', '0', '1'}, kMedia, Codec::kUnknown},
      {"nanoseconds", kVideo, modified({support::nanosecond_offset(7)}), kKeyframe, Codec::kHevc},
      {"unknown_modifier", kVideo, modified({{9, {1}}}), kKeyframe, Codec::kHevc},
      {"chain_of_modifiers", kVideo,
       modified({{1, Bytes(255, 0)},
                 support::nanosecond_offset(7),
                 {2, Bytes(256, 0)},
                 {3, Bytes(65'536, 0)}}),
       kKeyframe, Codec::kHevc},
      {"modifier_cut", kVideo, {0x97, 0xFF, 0xFF, 0xFF, 1, 2}, kMedia, Codec::kUnknown},
      {"endless_modifiers", kVideo, {0x97, 0, 0, 7, 0, 0, 7, 0, 0, 7}, kMedia, Codec::kUnknown},
  };
}

class ClassifiedTag : public testing::TestWithParam<TagCase> {};

TEST_P(ClassifiedTag, HasItsRoleAndCodec) {
  const TagClass found = classify(GetParam().type, GetParam().body);
  EXPECT_EQ(found.role, GetParam().role);
  EXPECT_EQ(name(found.codec), name(GetParam().codec));
}

// Any end is possible; under the sanitizers this also shows that nothing reads beyond it.
TEST_P(ClassifiedTag, MayBeCutAnywhere) {
  const Bytes& whole = GetParam().body;
  for (std::size_t size = 0; size < std::min<std::size_t>(whole.size(), 300); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_TRUE(tracks_of(GetParam().type, cut).any());
    const TagRole role = classify(GetParam().type, cut).role;
    EXPECT_TRUE(role == TagRole::kMedia || role == GetParam().role) << size;
  }
}

std::string case_name(const testing::TestParamInfo<TagCase>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(OldForm, ClassifiedTag, testing::ValuesIn(old_form()), case_name);
INSTANTIATE_TEST_SUITE_P(Extended, ClassifiedTag, testing::ValuesIn(extended_form()), case_name);
INSTANTIATE_TEST_SUITE_P(Tracks, ClassifiedTag, testing::ValuesIn(tracks_and_modifiers()),
                         case_name);

TEST(TagClass, NamesTheLowestTrack) {
  const auto track = [](const Bytes& body) { return int{classify(kVideo, body).track}; };
  EXPECT_EQ(track(support::avc_frame(true, {1})), 0);
  EXPECT_EQ(track(multitrack(Tracks::kOne, 1, {{7, "", {1}}})), 7);
  EXPECT_EQ(track(multitrack(Tracks::kMany, 1, {{9, "", {1}}, {2, "", {1}}, {5, "", {1}}})), 2);
}

TEST(TracksOf, NamesTheTracksOfEachForm) {
  const auto ids = [](const Bytes& body) {
    const TrackSet tracks = tracks_of(kVideo, body);
    std::vector<std::size_t> found;
    for (std::size_t id = 0; id < tracks.size(); ++id) {
      if (tracks.test(id)) found.push_back(id);
    }
    return found;
  };
  using Ids = std::vector<std::size_t>;
  EXPECT_EQ(ids(support::avc_frame(true, {1})), Ids{0});
  EXPECT_EQ(ids(support::ex_video("av01", packet::kCodedFrames, true, {1})), Ids{0});
  EXPECT_EQ(ids(multitrack(Tracks::kOne, 1, {{7, "", {1, 2}}})), Ids{7});
  EXPECT_EQ(ids(multitrack(Tracks::kMany, 1, {{0, "", {1}}, {255, "", {}}})), (Ids{0, 255}));
  EXPECT_EQ(ids(multitrack(Tracks::kManyWithCodecs, 1, {{3, "hvc1", {}}, {4, "vp09", {1}}})),
            (Ids{3, 4}));
}

}  // namespace
}  // namespace weir::media::flv
