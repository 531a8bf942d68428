#include "media_svc/net/worker.h"

#include <pthread.h>

#include <string>
#include <vector>

#include "media_svc/net/precedence.h"

namespace weir::media::net {

namespace asio = boost::asio;

Worker::Worker(std::uint32_t id) : id_(id), work_(asio::make_work_guard(io_)), tick_timer_(io_) {}

Worker::~Worker() { stop(); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::close_connections() {
  post([this] {
    for (const auto& connection : everyone()) connection->shut_down();
  });
}

void Worker::move_connections() {
  post([this] {
    for (const auto& connection : everyone()) connection->move_away();
  });
}

void Worker::begin_stop() {
  post([this] {
    for (const auto& connection : everyone()) connection->shut_down();
    work_.reset();
    tick_timer_.cancel();
  });
}

bool Worker::ended_by(SteadyTime deadline) {
  return !thread_.joinable() || ended_.wait_until(deadline) == std::future_status::ready;
}

void Worker::stop() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::add(std::shared_ptr<Connection> connection) {
  // On its way here since before the worker was told to stop: nobody would tell it any more.
  if (!work_.owns_work()) return connection->shut_down();
  const Connection* key = connection.get();
  connections_.emplace(key, std::move(connection));
}

void Worker::remove(const Connection& connection) { connections_.erase(&connection); }

void Worker::run() {
  pthread_setname_np(pthread_self(), ("worker-" + std::to_string(id_)).c_str());
  take_precedence();
  arm_tick();
  io_.run();
  end_.set_value();
}

void Worker::arm_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    // A tick that was due when the worker was told to stop comes all the same.
    if (error || !work_.owns_work()) return;
    tick();
    arm_tick();
  });
}

void Worker::tick() {
  turns_.fetch_add(1, std::memory_order_relaxed);
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  for (const auto& connection : everyone()) connection->on_tick(now);
}

std::vector<std::shared_ptr<Connection>> Worker::everyone() const {
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) all.push_back(connection);
  return all;
}

}  // namespace weir::media::net
