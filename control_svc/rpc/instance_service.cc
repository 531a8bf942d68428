#include "control_svc/rpc/instance_service.h"

#include <algorithm>
#include <string>
#include <vector>

#include "control_svc/domain/digest.h"
#include "control_svc/rpc/conversions.h"
#include "control_svc/rpc/paging.h"
#include "control_svc/rpc/unary_call.h"

namespace weir::control::rpc {
namespace {

using domain::FleetSnapshot;
using domain::InstanceSnapshot;
using domain::Outcome;

std::uint64_t filters_of(const weir::v1::ListInstancesRequest& request) {
  domain::Digest digest;
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

grpc::ServerBidiReactor<weir::v1::AttachRequest, weir::v1::AttachResponse>* InstanceService::Attach(
    grpc::CallbackServerContext*) {
  return AttachStream::start(context_);
}

weir::v1::Instance InstanceService::shown(const domain::InstanceRecord& instance, Now now) const {
  const auto sighting = context_.lines.sighting(instance.instance_id);
  return to_proto(instance, sighting ? &*sighting : nullptr, now);
}

grpc::ServerUnaryReactor* InstanceService::GetInstance(grpc::CallbackServerContext* context,
                                                       const weir::v1::GetInstanceRequest* request,
                                                       weir::v1::GetInstanceResponse* response) {
  const UnaryCall call(context, context_.clock.now());
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
  const UnaryCall call(context, context_.clock.now());
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
    call.succeed();
  });
  return call.reactor();
}

}  // namespace weir::control::rpc
