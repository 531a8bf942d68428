// The yardstick for weir-control: its calls over the same gRPC server settings, answered with
// nothing. The session calls return at once; Attach says welcome, reads and forgets.
#include <csignal>
#include <cstdio>
#include <memory>

#include "common/grpc/server.h"
#include "weir/v1/instance_service.grpc.pb.h"
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

// Deletes itself when gRPC is done with it.
class Reading final
    : public grpc::ServerBidiReactor<weir::v1::AttachRequest, weir::v1::AttachResponse> {
 public:
  Reading() {
    welcome_.mutable_welcome()->mutable_report_interval()->set_seconds(2);
    StartWrite(&welcome_);
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      StartRead(&message_);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  weir::v1::AttachResponse welcome_;
  weir::v1::AttachRequest message_;
};

class EmptyInstanceService final : public weir::v1::InstanceService::CallbackService {
 public:
  grpc::ServerBidiReactor<weir::v1::AttachRequest, weir::v1::AttachResponse>* Attach(
      grpc::CallbackServerContext* /*context*/) override {
    return std::make_unique<Reading>().release();
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

  EmptySessionService sessions;
  EmptyInstanceService instances;
  weir::wire::ServerSettings settings;
  settings.listen = argv[1];
  auto server = weir::wire::Server::start(std::move(settings), {&sessions, &instances});
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
