#include "media_svc/rtmp/status.h"

namespace weir::media::rtmp {
namespace {

struct Row {
  std::string_view code;
  bool error;
};

// Adobe ActionScript 3 reference, NetStatusEvent; ReconnectRequest: Enhanced RTMP v2.
Row row(StatusCode status) {
  switch (status) {
    case StatusCode::kConnectSuccess:
      return {"NetConnection.Connect.Success", false};
    case StatusCode::kConnectInvalidApp:
      return {"NetConnection.Connect.InvalidApp", true};
    case StatusCode::kReconnectRequest:
      return {"NetConnection.Connect.ReconnectRequest", false};
    case StatusCode::kPublishStart:
      return {"NetStream.Publish.Start", false};
    case StatusCode::kPublishBadName:
      return {"NetStream.Publish.BadName", true};
    case StatusCode::kPublishDenied:
      return {"NetStream.Publish.Denied", true};
    case StatusCode::kUnpublishSuccess:
      return {"NetStream.Unpublish.Success", false};
    case StatusCode::kPlayReset:
      return {"NetStream.Play.Reset", false};
    case StatusCode::kPlayStart:
      return {"NetStream.Play.Start", false};
    case StatusCode::kPlayStop:
      return {"NetStream.Play.Stop", false};
    case StatusCode::kPlayFailed:
      return {"NetStream.Play.Failed", true};
    case StatusCode::kPlayStreamNotFound:
      return {"NetStream.Play.StreamNotFound", true};
    case StatusCode::kPlayPublishNotify:
      return {"NetStream.Play.PublishNotify", false};
    case StatusCode::kPlayUnpublishNotify:
      return {"NetStream.Play.UnpublishNotify", false};
    case StatusCode::kPauseNotify:
      return {"NetStream.Pause.Notify", false};
    case StatusCode::kUnpauseNotify:
      return {"NetStream.Unpause.Notify", false};
    case StatusCode::kSeekNotify:
      return {"NetStream.Seek.Notify", false};
  }
  return {"NetConnection.Call.Failed", true};
}

}  // namespace

std::string_view code(StatusCode status) { return row(status).code; }

std::string_view level(StatusCode status) { return row(status).error ? "error" : "status"; }

}  // namespace weir::media::rtmp
