#include "control_svc/control.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/control_svc/rpc/attach_fixture.h"
#include "tests/control_svc/store/temporary_folder.h"

namespace weir::control {
namespace {

// An instance is taken in by a commit that nobody waits for when control ends meanwhile.
TEST(Control, EndsWhileCommitsAreUnderWay) {
  constexpr int kRounds = 10;
  constexpr int kInstances = 20;
  const store::TemporaryFolder folder;
  ControlConfig config;
  config.grpc_listen.port = config.metrics_listen.port = 0;
  config.store_path = folder.file("control.db");
  for (int round = 0; round < kRounds; ++round) {
    Control control(config);
    const auto stub = v1::InstanceService::NewStub(grpc::CreateChannel(
        to_string(control.grpc_endpoint()), grpc::InsecureChannelCredentials()));
    std::vector<std::unique_ptr<rpc::AttachedInstance>> instances;
    for (int i = 0; i < kInstances; ++i) {
      instances.push_back(std::make_unique<rpc::AttachedInstance>(
          *stub, "media-" + std::to_string(i), std::to_string(round)));
      instances.back()->hello();
      const auto welcome = instances.back()->next();
      ASSERT_TRUE(welcome && welcome->has_welcome());
    }
    for (const auto& instance : instances) instance->held();
    control.stop(Duration::zero());
  }
}

}  // namespace
}  // namespace weir::control
