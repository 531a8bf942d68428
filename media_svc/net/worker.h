// A thread with its io_context, and the connections that live on it.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace weir::media::net {

// What a worker holds: something with a socket. Its functions are called on the worker's thread.
class Connection {
 public:
  virtual ~Connection() = default;
  // Several times a second: time limits are looked at here, so that none needs a timer of its own.
  virtual void on_tick(SteadyTime now) = 0;
  // The process stops.
  virtual void shut_down() = 0;
  // It stops soon: who publishes here is to go on elsewhere.
  virtual void move_away() {}
};

// Owned by WorkerPool. Everything but `post`, `dispatch`, `load`, `turns` and what ends it belongs
// to its thread.
class Worker {
 public:
  static constexpr Duration kTick{250};
  static constexpr std::size_t kReadBuffer = 64u << 10;

  explicit Worker(std::uint32_t id);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  void start();
  // Any thread.
  void close_connections();
  void move_connections();
  // Lets the thread end once all that lives on it has ended. Idempotent.
  void begin_stop();
  // Whether it has ended by then; waits for that.
  bool ended_by(SteadyTime deadline);
  // `begin_stop`, and returns when the thread has ended.
  void stop();

  template <class Function>
  void post(Function function) {
    boost::asio::post(io_, std::move(function));
  }
  // The same, but at once where the caller is the worker itself.
  template <class Function>
  void dispatch(Function function) {
    boost::asio::dispatch(io_, std::move(function));
  }
  // Connections here and on their way here.
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }
  // Rises several times a second for as long as the thread gets on with its work.
  std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

  // One connection on its way to this worker or on it.
  class Place {
   public:
    explicit Place(Worker& worker) : worker_(&worker) { ++worker_->load_; }
    Place(Place&& other) noexcept : worker_(std::exchange(other.worker_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (worker_) --worker_->load_;
    }
    Worker& worker() const { return *worker_; }

   private:
    Worker* worker_;
  };

  // Its number in the pool.
  std::uint32_t id() const { return id_; }
  boost::asio::io_context& io() { return io_; }
  void add(std::shared_ptr<Connection> connection);
  void remove(const Connection& connection);
  // Shared by all reads of this thread; what is in it is used up before the next read.
  std::span<std::uint8_t> read_buffer() { return read_buffer_; }

 private:
  void run();
  void arm_tick();
  void tick();
  // A copy, as a connection may take itself out while it is told something.
  std::vector<std::shared_ptr<Connection>> everyone() const;

  const std::uint32_t id_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer tick_timer_;
  std::unordered_map<const Connection*, std::shared_ptr<Connection>> connections_;
  std::atomic<std::size_t> load_ = 0;
  std::atomic<std::uint64_t> turns_ = 0;
  std::array<std::uint8_t, kReadBuffer> read_buffer_;
  std::promise<void> end_;
  std::future<void> ended_ = end_.get_future();
  std::thread thread_;
};

}  // namespace weir::media::net
