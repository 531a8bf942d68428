#include "media_svc/flv/stream_description.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "media_svc/flv/decoder_configuration.h"
#include "tests/support/tag_generator.h"

namespace weir::media::flv {
namespace {

using support::Bytes;

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// Configuration records as ffmpeg 5.1 wrote them, with libx264, libx265, SVT-AV1 and libaom.
struct RecordCase {
  const char* name;
  Codec codec;
  const char* hex;
  std::uint32_t width;
  std::uint32_t height;
  double frame_rate;
};

void PrintTo(const RecordCase& test, std::ostream* out) { *out << test.name; }

constexpr RecordCase kRecords[] = {
    {"h264", Codec::kH264,
     "0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000668ebe3cb22c0fdf8f8"
     "00",
     640, 360, 25},
    {"h264_cropped_ntsc", Codec::kH264,
     "01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000668ebe3cb22c0fdf8f800",
     1920, 1080, 30000.0 / 1001},
    {"h264_cropped_both_ways", Codec::kH264,
     "01640015ffe1001a67640015acd941519e226c0440000003004000001903c58b658001000668ebe3cb22c0fdf8f8"
     "00",
     322, 182, 50},
    {"h264_444_interlaced", Codec::kH264,
     "01f4001effe1001a67f4001e919b2816849b011000000300100000030321f142996001000668fba3c44844fff8f8"
     "00",
     720, 576, 25},
    {"hevc", Codec::kHevc,
     "0101600000009000000000003ff000fcfdf8f800000f04200001001840010c01ffff016000000300900000030000"
     "03003f959809210001002a42010101600000030090000003000003003fa00502016965959a4932bc05a020000003"
     "00200000030321",
     640, 360, 0},
    {"hevc_cropped", Codec::kHevc,
     "01016000000090000000000078f000fcfdf8f800000f04200001001840010c01ffff016000000300900000030000"
     "030078959809210001002a420101016000000300900000030000030078a003c08010e596566924caf01680800000"
     "03008000000f04",
     1920, 1080, 0},
    {"hevc_cropped_both_ways", Codec::kHevc,
     "0101600000009000000000003cf000fcfdf8f800000f04200001001840010c01ffff016000000300900000030000"
     "03003c959809210001002a42010101600000030090000003000003003ca00a480b9c9596566924caf01680800000"
     "03008000001904",
     322, 182, 0},
    {"av1_svt", Codec::kAv1, "81010c000a0b0000000cc4ff6700be0010", 640, 360, 0},
    {"av1_aom", Codec::kAv1, "81000c000a0b000000043d06d4fff98040", 322, 182, 0},
};

class DecoderRecord : public testing::TestWithParam<RecordCase> {};

TEST_P(DecoderRecord, TellsThePictureFormat) {
  const auto format = picture_format(GetParam().codec, from_hex(GetParam().hex));
  ASSERT_TRUE(format);
  EXPECT_EQ(format->width, GetParam().width);
  EXPECT_EQ(format->height, GetParam().height);
  EXPECT_DOUBLE_EQ(format->frame_rate, GetParam().frame_rate);
}

TEST_P(DecoderRecord, MayBeCutAnywhere) {
  const Bytes whole = from_hex(GetParam().hex);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto format = picture_format(GetParam().codec, cut);
    if (format) EXPECT_EQ(format->width, GetParam().width) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, DecoderRecord, testing::ValuesIn(kRecords),
                         [](const auto& test) { return test.param.name; });

TEST(StreamDescription, IsEmptyAtFirst) {
  const StreamDescription description;
  EXPECT_EQ(name(description.video_codec()), "");
  EXPECT_EQ(description.picture().width, 0U);
}

void take(StreamDescription& description, TagType type, const Bytes& body) {
  description.take(type, classify(type, body), body);
}

TEST(StreamDescription, BelievesTheSequenceHeaderBeforeTheMetadata) {
  StreamDescription description;
  take(description, TagType::kScript,
       support::on_metadata({{"width", 1280}, {"height", 720}, {"framerate", 60}}));
  EXPECT_EQ(description.picture().width, 1280U);
  EXPECT_EQ(description.picture().frame_rate, 60);
  take(description, TagType::kVideo, support::avc_configuration(from_hex(kRecords[0].hex)));
  take(description, TagType::kAudio, support::aac_configuration());
  EXPECT_EQ(name(description.video_codec()), "h264");
  EXPECT_EQ(name(description.audio_codec()), "aac");
  EXPECT_EQ(description.picture().width, 640U);
  EXPECT_EQ(description.picture().height, 360U);
  EXPECT_EQ(description.picture().frame_rate, 60);
}

TEST(StreamDescription, TakesTheFrameRateOfTheSequenceHeaderWithoutMetadata) {
  StreamDescription description;
  take(description, TagType::kVideo, support::avc_configuration(from_hex(kRecords[0].hex)));
  EXPECT_EQ(description.picture().frame_rate, 25);
}

TEST(StreamDescription, ReadsTheDefaultTrackOfMany) {
  support::ExTag tag;
  tag.packet = support::packet::kSequenceStart;
  tag.form = support::Tracks::kManyWithCodecs;
  tag.tracks = {{1, "av01", from_hex(kRecords[7].hex)}, {0, "hvc1", from_hex(kRecords[5].hex)}};
  StreamDescription description;
  take(description, TagType::kVideo, ex_tag(tag));
  EXPECT_EQ(description.picture().width, 1920U);
}

TEST(StreamDescription, FollowsTheLowestTrack) {
  const auto start = [](std::uint8_t track, const char* four_cc, const RecordCase& record) {
    support::ExTag tag;
    tag.packet = support::packet::kSequenceStart;
    tag.four_cc = four_cc;
    tag.form = support::Tracks::kOne;
    tag.tracks = {{track, "", from_hex(record.hex)}};
    return ex_tag(tag);
  };
  StreamDescription description;
  take(description, TagType::kVideo, start(2, "av01", kRecords[7]));
  EXPECT_EQ(name(description.video_codec()), "av1");
  EXPECT_EQ(description.picture().width, 640U);
  take(description, TagType::kVideo, start(1, "hvc1", kRecords[5]));
  take(description, TagType::kVideo, start(2, "av01", kRecords[7]));
  EXPECT_EQ(name(description.video_codec()), "hevc");
  EXPECT_EQ(description.picture().width, 1920U);
}

TEST(StreamDescription, DoesNotBelieveAbsurdMetadata) {
  StreamDescription description;
  take(description, TagType::kScript,
       support::on_metadata({{"width", -1}, {"height", 1e300}, {"framerate", 1e9}}));
  EXPECT_EQ(description.picture().width, 0U);
  EXPECT_EQ(description.picture().height, 0U);
  EXPECT_EQ(description.picture().frame_rate, 0);
}

}  // namespace
}  // namespace weir::media::flv
