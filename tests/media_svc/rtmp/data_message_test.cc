#include "media_svc/rtmp/data_message.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/media_svc/rtmp/conversation.h"

namespace weir::media::rtmp {
namespace {

const Bytes kNumber = amf_number(1);
const Bytes kSet = amf_string("@setDataFrame");
const Bytes kName = amf_string("onMetaData");
const Bytes kBody = bytes(8, 0, 0, 0, 0, 0, 0, 9);

struct Case {
  std::string name;
  MessageType type;
  Bytes payload;
  Bytes expected;  // empty: nothing for players
};

TEST(DataMessage, ReachesPlayersInOneForm) {
  const Case cases[] = {
      {"as it is", MessageType::kDataAmf0, bytes(kName, kBody), bytes(kName, kBody)},
      {"@setDataFrame", MessageType::kDataAmf0, bytes(kSet, kName, kBody), bytes(kName, kBody)},
      {"a number first", MessageType::kDataAmf0, bytes(kNumber, kSet, kName, kBody),
       bytes(kName, kBody)},
      {"numbers first", MessageType::kDataAmf0, bytes(kNumber, kNumber, kName), kName},
      {"AMF3", MessageType::kDataAmf3, bytes(0, kSet, kName, kBody), bytes(kName, kBody)},
      {"AMF3 without its zero byte", MessageType::kDataAmf3, bytes(kName, kBody),
       bytes(kName, kBody)},
      {"@clearDataFrame", MessageType::kDataAmf0, bytes(amf_string("@clearDataFrame"), kName), {}},
      {"only @setDataFrame", MessageType::kDataAmf0, kSet, {}},
      {"no name", MessageType::kDataAmf0, kNumber, {}},
      {"an object for a name", MessageType::kDataAmf0, kBody, {}},
      {"a name cut short", MessageType::kDataAmf0, bytes(2, 0, 9, "on"), {}},
      {"nothing", MessageType::kDataAmf0, {}, {}},
  };
  for (const Case& item : cases) {
    const auto data = to_player_data({item.type, 5, 1, SharedBytes::copy_of(item.payload)});
    if (item.expected.empty()) {
      EXPECT_FALSE(data.has_value()) << item.name;
      continue;
    }
    ASSERT_TRUE(data.has_value()) << item.name;
    EXPECT_EQ(data->type, MessageType::kDataAmf0) << item.name;
    EXPECT_EQ(data->timestamp, 5u) << item.name;
    EXPECT_EQ(data->payload, SharedBytes::copy_of(item.expected)) << item.name;
  }
}

TEST(DataMessage, SharesWhatNeedsNoChange) {
  const auto payload = SharedBytes::copy_of(bytes(kName, kBody));
  const auto data = to_player_data({MessageType::kDataAmf0, 0, 1, payload});
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(data->payload.data(), payload.data());
}

}  // namespace
}  // namespace weir::media::rtmp
