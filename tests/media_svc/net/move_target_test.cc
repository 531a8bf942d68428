#include "media_svc/net/move_target.h"

#include <gtest/gtest.h>

namespace weir::media::net {
namespace {

const control_link::Route kTarget{.instance_id = "b",
                                  .rtmp_url = "rtmp://b:1936",
                                  .rtmps_url = "rtmps://b:1937/",
                                  .relay_url = {}};

TEST(MoveTarget, KeepsSchemeApplicationAndQuery) {
  EXPECT_EQ(reconnect_url("rtmp://a:1935/live", kTarget), "rtmp://b:1936/live");
  EXPECT_EQ(reconnect_url("rtmp://a/live/room?token=t", kTarget),
            "rtmp://b:1936/live/room?token=t");
  EXPECT_EQ(reconnect_url("rtmps://[::1]:443/live", kTarget), "rtmps://b:1937/live");
  EXPECT_EQ(reconnect_url("rtmp://a", kTarget), "rtmp://b:1936");
}

TEST(MoveTarget, ThereIsNoneByASchemeThatTheTargetDoesNotHave) {
  control_link::Route plain = kTarget;
  plain.rtmps_url.clear();
  EXPECT_FALSE(reconnect_url("rtmps://a/live", plain));
  EXPECT_FALSE(reconnect_url("live", kTarget));
  EXPECT_FALSE(reconnect_url("rtmp://a/live", {}));
}

TEST(MoveTarget, MostEncodersReconnectByThemselves) {
  EXPECT_TRUE(reconnects_by_itself("FMLE/3.0 (compatible; FMSc/1.0)")) << "OBS";
  EXPECT_TRUE(reconnects_by_itself("Wirecast/FM 1.0")) << "Wirecast";
  EXPECT_FALSE(reconnects_by_itself("FMLE/3.0 (compatible; Lavf59.27.100)")) << "ffmpeg";
  EXPECT_FALSE(reconnects_by_itself("LNX 10,0,32,18")) << "librtmp in a pipeline";
  EXPECT_FALSE(reconnects_by_itself("")) << "who does not say";
}

}  // namespace
}  // namespace weir::media::net
