#include "control_svc/rpc/instance_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "control_svc/domain/digest.h"
#include "control_svc/rpc/audit.h"
#include "control_svc/rpc/caller.h"
#include "control_svc/rpc/conversions.h"
#include "control_svc/rpc/paging.h"
#include "control_svc/rpc/shutdown_conversions.h"

namespace weir::control::rpc {
namespace {

using domain::FleetSnapshot;
using domain::InstanceSnapshot;
using domain::Outcome;

std::uint64_t filters_of(const weir::v1::ListInstancesRequest& request) {
  domain::Digest digest;
  digest.add("instances");
  for (const int state : request.states()) digest.add(std::to_string(state));
  return digest.value();
}

bool matches(const weir::v1::ListInstancesRequest& request,
             const domain::InstanceRecord& instance) {
  const auto& states = request.states();
  return states.empty() ||
         std::ranges::find(states, static_cast<int>(instance.state)) != states.end();
}

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* InstanceService::Attach(
    grpc::CallbackServerContext*) {
  return AttachStream::start(context_);
}

weir::v1::Instance InstanceService::shown(const domain::InstanceRecord& instance, Now now) const {
  const auto sighting = context_.lines.sighting(instance.instance_id);
  return to_proto(instance, sighting ? &*sighting : nullptr, now);
}

template <class Response>
auto InstanceService::answer_instance(const UnaryCall& call, Response* response) const {
  return [this, call, response](const Outcome<InstanceSnapshot>& outcome) {
    call.answer(outcome, [&](const InstanceSnapshot& instance) {
      *response->mutable_instance() = shown(*instance, call.now());
    });
  };
}

template <class Response>
auto InstanceService::answer_shutdown(const UnaryCall& call, domain::ShutdownCause cause,
                                      Response* response) const {
  return [this, call, cause, response](const Outcome<domain::ShutdownAnswer>& outcome) {
    context_.observer.on_shutdown_request(cause, outcome);
    call.answer(outcome, [&](const domain::ShutdownAnswer& answer) {
      if (const auto* drain = std::get_if<domain::Drain>(&answer)) {
        *response->mutable_grant() = to_grant(*drain, call.now());
      } else {
        *response->mutable_denial() = to_proto(std::get<domain::ShutdownDenial>(answer));
      }
    });
  };
}

grpc::ServerUnaryReactor* InstanceService::RequestShutdown(
    grpc::CallbackServerContext* context, const weir::v1::RequestShutdownRequest* request,
    weir::v1::RequestShutdownResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  domain::ShutdownRequest asked = to_domain(*request);
  const domain::ShutdownCause cause = asked.cause;
  context_.fleet.request_shutdown(std::move(asked), call.now(),
                                  answer_shutdown(call, cause, response));
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::DrainInstance(
    grpc::CallbackServerContext* context, const weir::v1::DrainInstanceRequest* request,
    weir::v1::DrainInstanceResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.request_shutdown(
      to_domain(*request), call.now(),
      audited({.event = "audit.drain",
               .caller = caller_of(*context),
               .target = request->instance_id(),
               .message = request->message()},
              answer_shutdown(call, domain::ShutdownCause::kOperator, response)));
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::CancelDrain(grpc::CallbackServerContext* context,
                                                       const weir::v1::CancelDrainRequest* request,
                                                       weir::v1::CancelDrainResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.cancel_drain(request->instance_id(), call.now(),
                              audited({.event = "audit.cancel_drain",
                                       .caller = caller_of(*context),
                                       .target = request->instance_id(),
                                       .message = {}},
                                      answer_instance(call, response)));
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::CordonInstance(
    grpc::CallbackServerContext* context, const weir::v1::CordonInstanceRequest* request,
    weir::v1::CordonInstanceResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.set_cordon(request->instance_id(), true, call.now(),
                            audited({.event = "audit.cordon",
                                     .caller = caller_of(*context),
                                     .target = request->instance_id(),
                                     .message = {}},
                                    answer_instance(call, response)));
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::UncordonInstance(
    grpc::CallbackServerContext* context, const weir::v1::UncordonInstanceRequest* request,
    weir::v1::UncordonInstanceResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.set_cordon(request->instance_id(), false, call.now(),
                            audited({.event = "audit.uncordon",
                                     .caller = caller_of(*context),
                                     .target = request->instance_id(),
                                     .message = {}},
                                    answer_instance(call, response)));
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::SetDrainFreeze(
    grpc::CallbackServerContext* context, const weir::v1::SetDrainFreezeRequest* request,
    weir::v1::SetDrainFreezeResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  const auto answer = [call, response](const Outcome<std::optional<domain::DrainFreeze>>& outcome) {
    call.answer(outcome, [&](const std::optional<domain::DrainFreeze>& freeze) {
      *response->mutable_freeze() = to_proto(freeze, call.now());
    });
  };
  context_.fleet.set_freeze(to_domain(*request, call.now()), call.now(),
                            audited({.event = "audit.drain_freeze",
                                     .caller = caller_of(*context),
                                     .target = request->frozen() ? "frozen" : "unfrozen",
                                     .message = request->message()},
                                    answer));
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::GetInstance(grpc::CallbackServerContext* context,
                                                       const weir::v1::GetInstanceRequest* request,
                                                       weir::v1::GetInstanceResponse* response) {
  const UnaryCall call(context, calls_, __func__);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.load([this, call, request, response](const Outcome<FleetSnapshot>& fleet) {
    if (!fleet) return call.refuse(fleet.error());
    const domain::InstanceRecord* instance = (*fleet)->find(request->instance_id());
    if (instance == nullptr) {
      return call.refuse(domain::refuse(domain::RefusalReason::kInstanceNotFound,
                                        "there is no instance of this name"));
    }
    *response->mutable_instance() = shown(*instance, call.now());
    call.succeed();
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* InstanceService::ListInstances(
    grpc::CallbackServerContext* context, const weir::v1::ListInstancesRequest* request,
    weir::v1::ListInstancesResponse* response) {
  const UnaryCall call(context, calls_, __func__, context_.answers, *response);
  if (!call.accept(*request)) return call.reactor();
  context_.fleet.load([this, call, request, response](const Outcome<FleetSnapshot>& fleet) {
    if (!fleet) return call.refuse(fleet.error());
    auto page = Page::begin(filters_of(*request), request->page_size(), request->page_token());
    if (!page) return call.refuse(page.error());
    std::vector<InstanceSnapshot> instances = (*fleet)->instances;
    std::ranges::sort(instances, {}, [](const InstanceSnapshot& each) -> const std::string& {
      return each->instance_id;
    });
    for (const InstanceSnapshot& instance : instances) {
      if (!matches(*request, *instance)) continue;
      if (page->take(instance->instance_id)) {
        *response->add_instances() = shown(*instance, call.now());
      }
      if (page->full()) break;
    }
    response->set_next_page_token(page->next_token());
    *response->mutable_freeze() = to_proto((*fleet)->freeze, call.now());
    call.succeed();
  });
  return call.reactor();
}

}  // namespace weir::control::rpc
