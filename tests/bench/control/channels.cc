#include "tests/bench/control/channels.h"

namespace weir::bench {

std::vector<std::shared_ptr<grpc::Channel>> open_channels(const std::string& server, int count) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < count; ++i) {
    grpc::ChannelArguments arguments;
    // Without it, gRPC shares one connection among channels to one address.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channels.push_back(
        grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments));
  }
  return channels;
}

}  // namespace weir::bench
