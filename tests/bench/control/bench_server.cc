#include "tests/bench/control/bench_server.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/v1/stream_service.grpc.pb.h>

#include <csignal>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include "common/grpc/server.h"
#include "common/grpc/server_metrics.h"
#include "control_svc/control_metrics.h"
#include "control_svc/expiry_ticker.h"
#include "control_svc/rpc/session_service.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::bench {
namespace {

// PickInstance is the empty method here: what gRPC itself costs.
class EmptyService final : public weir::v1::StreamService::CallbackService {
  grpc::ServerUnaryReactor* PickInstance(grpc::CallbackServerContext* context,
                                         const weir::v1::PickInstanceRequest*,
                                         weir::v1::PickInstanceResponse*) override {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// Serves until the process is killed; tells its port through `out`.
[[noreturn]] void serve(int out) {
  const SystemClock clock;
  metrics::Registry registry;
  control::ControlMetrics control_metrics(registry);
  wire::ServerMetrics server_metrics(registry);
  control::store::MemoryStore store([&](const std::vector<control::domain::Event>& events) {
    control_metrics.on_events(events);
  });
  control::store::SessionOperations operations(store, {}, [](const control::domain::EndNotice&) {});
  control::rpc::LargeAnswers answers;
  control::rpc::SessionService sessions(operations, clock, control_metrics, answers);
  EmptyService empty;
  const control::ExpiryTicker ticker(operations, clock);
  wire::ServerSettings settings;
  settings.listen = "127.0.0.1:0";
  settings.interceptors.push_back(server_metrics.interceptor());
  auto server = wire::Server::start(std::move(settings), {&sessions, &empty});
  if (!server) _exit(1);
  server->warm_up();
  const int port = server->port();
  if (write(out, &port, sizeof port) != sizeof port) _exit(1);
  while (true) pause();
}

}  // namespace

void pin_to_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<unsigned>(core), &cores);
  if (sched_setaffinity(0, sizeof cores, &cores) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
  }
}

BenchServer::BenchServer(int core) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(pipe_ends[0]);
    pin_to_core(core);
    serve(pipe_ends[1]);
  }
  close(pipe_ends[1]);
  const bool told = read(pipe_ends[0], &port_, sizeof port_) == sizeof port_;
  close(pipe_ends[0]);
  if (!told) throw std::runtime_error("the server did not start");
}

BenchServer::~BenchServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::chrono::nanoseconds BenchServer::cpu_time() const {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("the server is gone");
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace weir::bench
