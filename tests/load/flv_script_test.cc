#include "tests/load/flv_script.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace weir::load {
namespace {

using media::rtmp::MessageType;
using std::chrono::milliseconds;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kAudio = 8;
constexpr std::uint8_t kVideo = 9;
constexpr std::uint8_t kScript = 18;

// avcC with four-byte lengths, and with two-byte ones.
const Bytes kAvcConfiguration{0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe0};
const Bytes kShortLengths{0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xfd, 0xe0};
const Bytes kAacConfiguration{0xaf, 0, 0x11, 0x90};
const Bytes kKeyframe{0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65};
const Bytes kInterFrame{0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41};
const Bytes kAudioFrame{0xaf, 1, 0x21};

class File {
 public:
  File() : bytes_{'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0} {}

  File& tag(std::uint8_t type, std::uint32_t time, const Bytes& body) {
    const auto size = static_cast<std::uint32_t>(body.size());
    push({type});
    push24(size);
    push24(time & 0xffffff);
    push({static_cast<std::uint8_t>(time >> 24), 0, 0, 0});
    push(body);
    push({0});
    push24(size + 11);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  void push(const Bytes& more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  void push24(std::uint32_t value) {
    push({static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value)});
  }

  Bytes bytes_;
};

File whole_file() {
  File file;
  file.tag(kScript, 0, {2, 0, 1, 'x'})
      .tag(kVideo, 0, kAvcConfiguration)
      .tag(kAudio, 0, kAacConfiguration)
      .tag(kVideo, 0x01000000, kKeyframe)
      .tag(kAudio, 0x01000005, kAudioFrame)
      .tag(kVideo, 0x01000028, kInterFrame);
  return file;
}

TEST(FlvScript, SeparatesConfigurationFromFrames) {
  const auto script = parse_flv(whole_file().bytes());
  ASSERT_TRUE(script);
  ASSERT_EQ(script->preamble.size(), 3u);
  const auto metadata = script->preamble[0].body.span();
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(metadata.data()) + 3, 13),
            "@setDataFrame");
  EXPECT_EQ(script->preamble[1].body, SharedBytes::copy_of(kAvcConfiguration));
  EXPECT_EQ(script->preamble[2].body, SharedBytes::copy_of(kAacConfiguration));

  ASSERT_EQ(script->frames.size(), 3u);
  EXPECT_TRUE(script->has_video);
  EXPECT_TRUE(script->frames[0].keyframe);
  EXPECT_TRUE(script->frames[0].takes_stamp);
  EXPECT_EQ(script->frames[1].type, MessageType::kAudio);
  EXPECT_FALSE(script->frames[1].takes_stamp);
  EXPECT_FALSE(script->frames[2].keyframe);
}

TEST(FlvScript, CountsTimeFromItsFirstFrameOn) {
  const auto script = parse_flv(whole_file().bytes());
  ASSERT_TRUE(script);
  EXPECT_EQ(script->frames[0].time, milliseconds(0));
  EXPECT_EQ(script->frames[2].time, milliseconds(40));
  EXPECT_GT(script->length, milliseconds(40));
}

TEST(FlvScript, LastsAsLongAsAllItsFramesWhereTimesGoBack) {
  File file;
  file.tag(kVideo, 1000, kKeyframe).tag(kVideo, 1040, kInterFrame).tag(kVideo, 20, kKeyframe);
  const auto script = parse_flv(file.bytes());
  ASSERT_TRUE(script);
  EXPECT_EQ(script->frames[0].time, milliseconds(980));
  EXPECT_EQ(script->frames[2].time, milliseconds(0));
  EXPECT_GT(script->length, milliseconds(1020));
}

TEST(FlvScript, StampsOnlyWhereLengthsHaveFourBytes) {
  File file;
  file.tag(kVideo, 0, kShortLengths).tag(kVideo, 0, kKeyframe);
  const auto script = parse_flv(file.bytes());
  ASSERT_TRUE(script);
  EXPECT_FALSE(script->frames[0].takes_stamp);
}

TEST(FlvScript, EndsWithTheLastWholeTagWhereverTheFileIsCut) {
  const Bytes whole = whole_file().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto script = parse_flv(std::span(whole).first(size));
    if (!script) continue;
    EXPECT_LE(script->frames.size(), 3u);
    EXPECT_TRUE(script->frames[0].keyframe);
  }
}

TEST(FlvScript, SaysWhatIsWrong) {
  EXPECT_EQ(parse_flv({}).error(), FlvError::kNotFlv);
  EXPECT_EQ(parse_flv(Bytes(100, 0)).error(), FlvError::kNotFlv);
  EXPECT_EQ(parse_flv(File().bytes()).error(), FlvError::kNoMedia);
  EXPECT_EQ(read_flv("/does/not/exist").error(), FlvError::kUnreadable);
}

}  // namespace
}  // namespace weir::load
