// The yardstick for weir-control's calls: AdmitSession over the same gRPC server settings, answered
// with nothing.
#include <csignal>
#include <cstdio>
#include <memory>

#include "common/grpc/server.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace {

class EmptySessionService final : public weir::v1::SessionService::CallbackService {
 public:
  grpc::ServerUnaryReactor* AdmitSession(grpc::CallbackServerContext* context,
                                         const weir::v1::AdmitSessionRequest* /*request*/,
                                         weir::v1::AdmitSessionResponse* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

// empty_server HOST:PORT; ends with SIGTERM or SIGINT.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: empty_server HOST:PORT\n", stderr);
    return 2;
  }
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  EmptySessionService service;
  weir::wire::ServerSettings settings;
  settings.listen = argv[1];
  auto server = weir::wire::Server::start(std::move(settings), {&service});
  if (server.has_error()) {
    std::fprintf(stderr, "%s\n", server.error().c_str());
    return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
  server->stop(weir::Duration::zero());
  return 0;
}
