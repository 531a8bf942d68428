#include "tests/media_svc/net/media_instance.h"

#include <array>
#include <chrono>
#include <thread>

namespace weir::media::testing {

using rtmp::ClientSession;

MediaInstance::MediaInstance() = default;

MediaInstance::~MediaInstance() {
  if (!workers) return;
  // Its address may not have been there.
  if (listener) listener->close();
  if (tls_listener) tls_listener->close();
  workers->close_connections();
  control.release_admissions();
  link->stop();
  workers->stop();
  listener.reset();
  tls_listener.reset();
}

void MediaInstance::start() {
  workers = std::make_unique<net::WorkerPool>(kWorkers);
  streams = std::make_unique<hub::Registry>(
      [this](hub::WorkerId worker, std::function<void()> work) {
        workers->at(worker).post(std::move(work));
      },
      hub::LogLimits{});
  offline = std::make_unique<net::OfflineDesk>(limits.offline);
  link = std::make_unique<control_link::ControlLink>(
      control_link::LinkOptions{
          .target = control.target(),
          .instance_id = "test",
          .version = "test",
          .route = {},
          .admission_timeout = limits.admission_timeout,
          .pauses = {.soon = Duration{20}, .starting = Duration{20}, .fleet = Duration{100}}},
      control_link::LinkEvents{
          .order =
              [this](const control_link::Order& order) {
                if (const auto* end = std::get_if<control_link::EndOrder>(&order)) {
                  offline->ended({.session_id = end->session_id, .epoch = end->epoch});
                  sessions.tell(*end);
                } else if (const auto* move = std::get_if<control_link::MoveOrder>(&order)) {
                  sessions.tell(*move);
                }
              },
          .connected_changed =
              [this](bool connected) {
                if (connected) return offline->control_back();
                offline->control_lost(net::steady_now());
              },
          .call_done =
              [this](std::string_view method, std::string_view code) {
                if (method == "AdmitSession" && code == "FAILED_PRECONDITION") ++refusals_heard;
                if (method == "GetStream") ++searches_heard;
              },
          .status = [] { return control_link::InstanceStatus{}; }});
  link->start();
  service = std::make_unique<net::RtmpService>(limits, *workers, *link, *streams, metrics, sessions,
                                               *offline, balancers);
  listener = std::make_unique<net::Listener>(Endpoint{.host = host, .port = 0}, *workers,
                                             limits.unacknowledged);
  workers->start();
  listener->start([this](net::Listener::Socket socket, net::Worker::Place place) {
    service->serve(std::move(socket), std::move(place));
  });
}

void MediaInstance::start_tls(const std::string& certificate_file, const std::string& key_file) {
  tls.emplace(certificate_file, key_file);
  tls_listener = std::make_unique<net::Listener>(Endpoint{.host = "127.0.0.1", .port = 0}, *workers,
                                                 limits.unacknowledged);
  tls_listener->start([this](net::Listener::Socket socket, net::Worker::Place place) {
    service->serve(std::move(socket), std::move(place), &*tls);
  });
}

RtmpPeer MediaInstance::publisher(const std::string& name) const {
  return {listener->address(), ClientSession::Role::kPublish, name};
}

RtmpPeer MediaInstance::player(const std::string& name) const {
  return {listener->address(), ClientSession::Role::kPlay, name};
}

bool MediaInstance::wait_asked(RtmpPeer& peer, std::size_t admissions) {
  return wait_until([&] {
    peer.poll();
    return control.holds([&](const auto& seen) { return seen.admissions.size() >= admissions; });
  });
}

bool MediaInstance::wait_for_metric(const std::string& line) const {
  return wait_until([&] { return registry.text().find(line) != std::string::npos; });
}

// A turn counts from its beginning.
bool MediaInstance::wait_for_turns(std::uint64_t count) const {
  std::array<std::uint64_t, kWorkers> until{};
  for (std::size_t i = 0; i < kWorkers; ++i) until[i] = workers->at(i).turns() + count + 1;
  return wait_until([&] {
    for (std::size_t i = 0; i < kWorkers; ++i) {
      if (workers->at(i).turns() < until[i]) return false;
    }
    return true;
  });
}

bool MediaInstance::wait_until(const std::function<bool()>& condition) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace weir::media::testing
