#include "control_svc/rpc/stream_service.h"

#include <string>
#include <vector>

#include "common/grpc/proto_time.h"
#include "common/relay_token/relay_token.h"
#include "control_svc/domain/digest.h"
#include "control_svc/domain/placement.h"
#include "control_svc/rpc/audit.h"
#include "control_svc/rpc/caller.h"
#include "control_svc/rpc/conversions.h"
#include "control_svc/rpc/paging.h"
#include "control_svc/store/move_operation.h"
#include "control_svc/store/stream_listing.h"

namespace weir::control::rpc {
namespace {

using domain::Outcome;
using store::LiveStream;

// An instance that is full, or starting, is worth asking for again after so long.
constexpr Duration kAskAgain = std::chrono::seconds{2};

weir::v1::Stream to_proto(const LiveStream& stream) {
  weir::v1::Stream proto;
  proto.set_stream_id(stream.claim.stream_id.str());
  proto.set_publish_session_id(stream.publisher.session.id.str());
  proto.set_user_id(stream.publisher.user_id.str());
  *proto.mutable_route() = rpc::to_proto(stream.route);
  proto.mutable_route()->set_instance_id(std::string(stream.publisher.session.instance_id()));
  proto.set_epoch(stream.claim.epoch);
  proto.set_players(stream.players);
  if (const auto& media = stream.publisher.session.media) {
    *proto.mutable_media() = rpc::to_proto(*media);
  }
  *proto.mutable_start_time() = wire::to_proto(stream.claim.started);
  return proto;
}

// Empty for who is no instance, and where there is nobody to play it from.
std::string token_for(const domain::FleetRecord& fleet, const weir::v1::GetStreamRequest& request,
                      const weir::v1::Stream& stream, const relay_token::Secret& secret, Now now) {
  const domain::InstanceRecord* asking = fleet.find(request.instance_id());
  const domain::InstanceRecord* holder = fleet.find(stream.route().instance_id());
  const bool known = asking && asking->incarnation == request.incarnation() && !asking->gone();
  if (!known || holder == nullptr || holder == asking || holder->gone()) return {};
  return relay_token::make(secret.key_of(holder->instance_id, holder->incarnation),
                           stream.stream_id(), now.wall);
}

}  // namespace

grpc::ServerUnaryReactor* StreamService::PickInstance(grpc::CallbackServerContext* context,
                                                      const weir::v1::PickInstanceRequest* request,
                                                      weir::v1::PickInstanceResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.load([call, response](const Outcome<domain::FleetSnapshot>& fleet) {
    if (!fleet) return call.refuse(fleet.error());
    const domain::InstanceRecord* picked = domain::pick_instance(**fleet);
    if (picked == nullptr) {
      return call.refuse(domain::refuse(domain::RefusalReason::kNoInstanceCapacity,
                                        "no instance takes a new stream", kAskAgain));
    }
    *response->mutable_route() = rpc::to_proto(picked->route);
    call.succeed();
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* StreamService::GetStream(grpc::CallbackServerContext* context,
                                                   const weir::v1::GetStreamRequest* request,
                                                   weir::v1::GetStreamResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  store::find_stream(store_, request->stream_id(), call.now(),
                     [this, call, request, response](const Outcome<LiveStream>& stream) {
                       if (!stream) return call.refuse(stream.error());
                       *response->mutable_stream() = to_proto(*stream);
                       if (request->instance_id().empty()) return call.succeed();
                       context_.fleet.load([&secret = context_.relay_secret, call, request,
                                            response](const Outcome<domain::FleetSnapshot>& fleet) {
                         if (!fleet) return call.refuse(fleet.error());
                         response->set_relay_token(
                             token_for(**fleet, *request, response->stream(), secret, call.now()));
                         call.succeed();
                       });
                     });
  return call.reactor();
}

grpc::ServerUnaryReactor* StreamService::ListStreams(grpc::CallbackServerContext* context,
                                                     const weir::v1::ListStreamsRequest* request,
                                                     weir::v1::ListStreamsResponse* response) {
  const UnaryCall call(context, calls_, __func__, context_.answers, *response);
  if (!call.accept(*request)) return call.reactor();
  const auto page = Page::begin(domain::Digest().add("streams").add(request->instance_id()).value(),
                                request->page_size(), request->page_token());
  if (!page) {
    call.refuse(page.error());
    return call.reactor();
  }
  // One more than fits tells whether there is another page.
  store::StreamFilter filter{.instance_id = request->instance_id(),
                             .after = page->after(),
                             .most = static_cast<std::size_t>(page->room()) + 1};
  store::list_streams(
      store_, std::move(filter), call.now(),
      [call, response, page = *page](const Outcome<std::vector<LiveStream>>& streams) mutable {
        call.answer(streams, [&](const std::vector<LiveStream>& found) {
          for (const LiveStream& stream : found) {
            if (page.take(stream.claim.stream_id.view())) {
              *response->add_streams() = to_proto(stream);
            }
          }
          response->set_next_page_token(page.next_token());
        });
      });
  return call.reactor();
}

grpc::ServerUnaryReactor* StreamService::MoveStream(grpc::CallbackServerContext* context,
                                                    const weir::v1::MoveLiveStreamRequest* request,
                                                    weir::v1::MoveLiveStreamResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  const auto answer = [call, response](const Outcome<LiveStream>& outcome) {
    call.answer(outcome,
                [&](const LiveStream& stream) { *response->mutable_stream() = to_proto(stream); });
  };
  store::move_stream(store_, context_.sessions,
                     {.stream_id = request->stream_id(),
                      .target_instance_id = request->target_instance_id(),
                      .reach =
                          [&lines = context_.lines](const domain::MoveOrder& order) {
                            if (!lines.attached(order.instance_id)) return false;
                            lines.tell(order);
                            return true;
                          }},
                     call.now(),
                     audited({.event = "audit.move_stream",
                              .caller = caller_of(*context),
                              .target = request->stream_id(),
                              .message = {}},
                             answer));
  return call.reactor();
}

}  // namespace weir::control::rpc
