#include "control_svc/rpc/attach_messages.h"

#include <utility>

#include "common/grpc/proto_time.h"
#include "control_svc/rpc/conversions.h"
#include "control_svc/rpc/shutdown_conversions.h"

namespace weir::control::rpc {
namespace {

using weir::v1::AttachResponse;

domain::EndReason end_reason_of(const domain::Refusal& refusal) {
  if (refusal.end_reason != domain::EndReason::kNone) return refusal.end_reason;
  // Of a session that control does not know nobody holds the slot any more.
  return refusal.reason == domain::RefusalReason::kStaleEpoch ? domain::EndReason::kMoved
                                                              : domain::EndReason::kExpired;
}

}  // namespace

AttachResponse welcome(const domain::ReportRhythm& rhythm, std::string relay_key) {
  AttachResponse message;
  *message.mutable_welcome()->mutable_report_interval() = wire::to_proto(rhythm.interval);
  *message.mutable_welcome()->mutable_lease() = wire::to_proto(rhythm.lease);
  message.mutable_welcome()->set_relay_key(std::move(relay_key));
  return message;
}

AttachResponse end_session(const domain::EndNotice& notice) {
  AttachResponse message;
  weir::v1::EndSession& end = *message.mutable_end_session();
  end.set_session_id(notice.session.str());
  end.set_epoch(notice.epoch);
  end.set_reason(to_proto(notice.reason));
  end.set_message(notice.message.str());
  return message;
}

AttachResponse end_refused(std::string session_id, std::int64_t epoch,
                           const domain::Refusal& refusal) {
  AttachResponse message;
  weir::v1::EndSession& end = *message.mutable_end_session();
  end.set_session_id(std::move(session_id));
  end.set_epoch(epoch);
  end.set_reason(to_proto(end_reason_of(refusal)));
  end.set_message(refusal.message);
  return message;
}

AttachResponse move_stream(const domain::MoveOrder& order) {
  AttachResponse message;
  weir::v1::MoveStream& move = *message.mutable_move_stream();
  move.set_session_id(order.session.str());
  move.set_epoch(order.epoch);
  *move.mutable_target() = to_proto(order.target);
  return message;
}

AttachResponse reattach(Duration within) {
  AttachResponse message;
  *message.mutable_reattach()->mutable_within() = wire::to_proto(within);
  return message;
}

std::vector<AttachResponse> orders(const domain::InstanceRecord& instance, Now now) {
  std::vector<AttachResponse> messages(1);
  messages.front().mutable_cordon()->set_on(instance.cordoned);
  AttachResponse drain;
  if (instance.drain) {
    *drain.mutable_drain() = to_grant(*instance.drain, now);
  } else if (instance.drain_generation > 0) {
    drain.mutable_drain_cancelled()->set_drain_generation(instance.drain_generation);
  } else {
    return messages;
  }
  messages.push_back(std::move(drain));
  return messages;
}

}  // namespace weir::control::rpc
