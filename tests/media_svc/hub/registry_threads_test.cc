// The registry as the process uses it: workers that are threads. Meant for ThreadSanitizer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "media_svc/hub/cursor.h"
#include "media_svc/hub/registry.h"
#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

// A thread that runs what is posted to it, in order.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  ~Worker() {
    post(nullptr);
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    ready_.notify_one();
  }
  // Returns when all that was posted before has run.
  void drain() {
    std::mutex mutex;
    std::condition_variable done;
    bool reached = false;
    post([&] {
      const std::lock_guard lock(mutex);
      reached = true;
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return reached; });
  }

 private:
  void run() {
    while (true) {
      std::function<void()> work;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return !queue_.empty(); });
        work = std::move(queue_.front());
        queue_.pop_front();
      }
      if (!work) return;
      work();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  std::thread thread_;
};

// A worker's viewer: reads to the end at each piece of news and keeps the numbers in order.
class Viewer final : public LogListener {
 public:
  Viewer(Registry& registry, const std::string& name, WorkerId worker)
      : attachment_(registry.attach(name, worker)), cursor_(attachment_.log(), SteadyTime{}) {
    attachment_.log().set_listener(this);
  }
  ~Viewer() { attachment_.log().set_listener(nullptr); }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  void on_begin() override {}
  void on_end(EndReason) override { ++ends_; }
  void on_frames() override {
    std::array<const Frame*, 16> frames{};
    while (const std::size_t count = cursor_.peek(frames, SteadyTime{})) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t number = frames[i]->timestamp();
        EXPECT_GT(number, newest_) << "out of order";
        newest_ = number;
      }
      cursor_.consume(count);
    }
  }

  std::uint32_t newest() const { return newest_; }
  int ends() const { return ends_; }

 private:
  Attachment attachment_;
  Cursor cursor_;
  std::uint32_t newest_ = 0;
  int ends_ = 0;
};

TEST(RegistryThreads, EveryWorkerSeesTheStreamInOrder) {
  std::array<Worker, 3> workers;
  Registry registry(
      [&](WorkerId worker, std::function<void()> work) { workers[worker].post(std::move(work)); },
      LogLimits{});
  std::array<std::optional<Viewer>, 3> viewers;
  for (WorkerId worker = 0; worker < workers.size(); ++worker) {
    workers[worker].post([&, worker] { viewers[worker].emplace(registry, "live/a", worker); });
    workers[worker].drain();
  }
  std::optional<Publication> publication;
  constexpr std::uint32_t kFrames = 2'000;
  workers[0].post([&] {
    auto claim = registry.claim("live/a", 0);
    publication.emplace(*std::move(*claim).hold(1, {}));
  });
  for (std::uint32_t number = 1; number <= kFrames; ++number) {
    workers[0].post([&, number] {
      publication->append(number % 25 == 1 ? key(1, number) : inter(2, number), SteadyTime{});
      publication->commit();
    });
  }
  workers[0].post([&] { publication->release(EndReason::kCompleted); });
  for (Worker& worker : workers) worker.drain();
  for (WorkerId worker = 0; worker < workers.size(); ++worker) {
    EXPECT_EQ(viewers[worker]->newest(), kFrames) << worker;
    EXPECT_EQ(viewers[worker]->ends(), 1) << worker;
    workers[worker].post([&, worker] { viewers[worker].reset(); });
    workers[worker].drain();
  }
  EXPECT_EQ(registry.size(), 0U);
}

TEST(RegistryThreads, ViewersAndPublishersComeAndGo) {
  std::array<Worker, 3> workers;
  Registry registry(
      [&](WorkerId worker, std::function<void()> work) { workers[worker].post(std::move(work)); },
      LogLimits{});
  std::atomic<int> epoch{0};
  for (int round = 0; round < 300; ++round) {
    for (WorkerId worker = 0; worker < workers.size(); ++worker) {
      const std::string name = "live/" + std::to_string(round % 4);
      workers[worker].post(
          [&registry, name, worker] { const Viewer viewer(registry, name, worker); });
      workers[worker].post([&registry, &epoch, name, worker] {
        auto claim = registry.claim(name, worker);
        if (!claim) return;
        auto publication = std::move(*claim).hold(++epoch, {});
        if (!publication) return;
        publication->append(key(1, 1), SteadyTime{});
        publication->commit();
      });
    }
  }
  for (int settle = 0; settle < 3; ++settle) {
    for (Worker& worker : workers) worker.drain();
  }
  EXPECT_EQ(registry.size(), 0U);
  EXPECT_EQ(registry.published_count(), 0U);
}

}  // namespace
}  // namespace weir::media::hub
