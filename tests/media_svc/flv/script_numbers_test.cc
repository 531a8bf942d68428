#include "media_svc/flv/script_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/tag_generator.h"

namespace weir::media::flv {
namespace {

using support::Bytes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Numbers = std::map<std::string, double>;

Numbers numbers_of(const Bytes& script) {
  Numbers found;
  for_each_script_number(script,
                         [&](std::string_view name, double value) { found.emplace(name, value); });
  return found;
}

Bytes text(std::string_view letters) {
  Bytes bytes{0, static_cast<std::uint8_t>(letters.size())};
  bytes.insert(bytes.end(), letters.begin(), letters.end());
  return bytes;
}

Bytes operator+(Bytes head, const Bytes& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

const Bytes kOnMetaData = Bytes{2} + text("onMetaData");
// 25 as a double, with its marker.
const Bytes kTwentyFive{0, 0x40, 0x39, 0, 0, 0, 0, 0, 0};
const Bytes kEnd{0, 0, 9};

TEST(ScriptNumbers, ReadsEcmaArraysAndObjects) {
  EXPECT_THAT(numbers_of(support::on_metadata({{"width", 640}, {"height", 360}})),
              ElementsAre(Pair("height", 360), Pair("width", 640)));
  EXPECT_THAT(numbers_of(kOnMetaData + Bytes{3} + text("framerate") + kTwentyFive + kEnd),
              ElementsAre(Pair("framerate", 25)));
}

TEST(ScriptNumbers, PassesOverOtherKinds) {
  const Bytes script = kOnMetaData + Bytes{8, 0, 0, 0, 9}                      //
                       + text("encoder") + Bytes{2} + text("Lavf59")           //
                       + text("stereo") + Bytes{1, 1}                          //
                       + text("nothing") + Bytes{5}                            //
                       + text("date") + Bytes{11} + Bytes(10, 0)               //
                       + text("long") + Bytes{12, 0, 0, 0, 2, 'h', 'i'}        //
                       + text("times") + Bytes{10, 0, 0, 0, 1} + kTwentyFive   //
                       + text("inner") + Bytes{3} + text("deep") + Bytes{3} +  //
                       text("width") + kTwentyFive + kEnd + kEnd               //
                       + text("framerate") + kTwentyFive + kEnd;
  EXPECT_THAT(numbers_of(script), ElementsAre(Pair("framerate", 25), Pair("stereo", 1)));
}

TEST(ScriptNumbers, AreReadAsFarAsTheyGo) {
  const Bytes whole = support::on_metadata({{"width", 640}, {"height", 360}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_LE(numbers_of(cut).size(), 2U);
  }
}

TEST(ScriptNumbers, TakeAnyDepth) {
  Bytes script = kOnMetaData + Bytes{3};
  for (int level = 0; level < 100'000; ++level) {
    script.insert(script.end(), {0, 1, 'a', 3});
  }
  EXPECT_THAT(numbers_of(script), IsEmpty());
}

TEST(ScriptNumbers, DoNotBelieveALength) {
  EXPECT_THAT(numbers_of(kOnMetaData + Bytes{3} + text("a") + Bytes{10, 0xFF, 0xFF, 0xFF, 0xFF} +
                         kTwentyFive),
              IsEmpty());
}

}  // namespace
}  // namespace weir::media::flv
