#include "tests/load/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace weir::load {
namespace {

// Few enough that what is due in between is not late.
constexpr int kBatch = 64;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void control(int epoll, int operation, int socket, std::uint32_t events,
             EventLoop::Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  if (epoll_ctl(epoll, operation, socket, &event) != 0) fail("epoll_ctl");
}

}  // namespace

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) fail("epoll_create1");
}

void EventLoop::add(int socket, std::uint32_t events, Watcher& watcher) {
  control(epoll_.get(), EPOLL_CTL_ADD, socket, events, &watcher);
}

void EventLoop::change(int socket, std::uint32_t events, Watcher& watcher) {
  control(epoll_.get(), EPOLL_CTL_MOD, socket, events, &watcher);
}

void EventLoop::remove(int socket) { control(epoll_.get(), EPOLL_CTL_DEL, socket, 0, nullptr); }

void EventLoop::at(Time when, std::function<void()> callback) {
  timers_.emplace(when, std::move(callback));
}

void EventLoop::defer(std::function<void()> callback) { deferred_.push_back(std::move(callback)); }

bool EventLoop::run_until(Time deadline, const std::function<bool()>& done) {
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    wait(deadline);
    run_timers();
    run_deferred();
  }
  return true;
}

void EventLoop::wait(Time deadline) {
  using std::chrono::nanoseconds;
  const Time wake = timers_.empty() ? deadline : std::min(deadline, timers_.begin()->first);
  const auto left = std::max(nanoseconds{0}, nanoseconds(wake - std::chrono::steady_clock::now()));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};

  std::array<epoll_event, kBatch> ready;
  const int count = epoll_pwait2(epoll_.get(), ready.data(), kBatch, &timeout, nullptr);
  if (count < 0 && errno != EINTR) fail("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    static_cast<Watcher*>(ready[i].data.ptr)->on_ready(ready[i].events);
  }
}

void EventLoop::run_timers() {
  const Time now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto timer = timers_.extract(timers_.begin());
    timer.mapped()();
  }
}

void EventLoop::run_deferred() {
  for (const auto& callback : std::exchange(deferred_, {})) callback();
}

}  // namespace weir::load
