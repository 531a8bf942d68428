// bare-send: what it costs at least to send one stream to many sockets. No protocol, no input: a
// clock, the bytes of a stream as RTMP would cut them, and one writev a socket for each message,
// or for each batch of messages.
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "media_svc/rtmp/rendering.h"
#include "tests/bench/bare_listener.h"
#include "tests/load/synthetic_media.h"

namespace weir::bench {
namespace {
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kBatchMax = 64;

struct Settings {
  std::uint16_t port = 0;
  std::size_t batch = 1;
  std::uint64_t kilobits = 2650;
};

struct Message {
  milliseconds time{};
  SharedBytes bytes;
};

std::vector<Message> render(const load::MediaScript& script) {
  std::vector<Message> messages;
  for (const load::ScriptFrame& frame : script.frames) {
    const media::rtmp::Message message{.type = frame.type,
                                       .timestamp = static_cast<std::uint32_t>(frame.time.count()),
                                       .stream_id = media::rtmp::kSharedMessageStream,
                                       .payload = load::stamped(frame, steady_clock::now())};
    messages.push_back(
        {frame.time, media::rtmp::render(message, media::rtmp::kSharedMessageStream)});
  }
  return messages;
}

// A socket and what it did not take yet.
struct Receiver {
  load::FileDescriptor socket;
  std::deque<SharedBytes> rest;
  std::size_t offset = 0;
};

class Sender {
 public:
  Sender(const Settings& settings, const load::MediaScript& script)
      : settings_(settings),
        messages_(render(script)),
        length_(script.length),
        listener_(listen_on_loopback(settings.port)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN, nullptr);
  }

  void run() {
    const auto began = steady_clock::now();
    for (milliseconds round{0};; round += length_) {
      for (const Message& message : messages_) {
        serve_until(began + round + message.time);
        batch_.push_back(message.bytes);
        batch_bytes_ += message.bytes.size();
        if (batch_.size() == settings_.batch) send_batch();
      }
    }
  }

 private:
  void watch(int operation, int socket, std::uint32_t events, Receiver* receiver) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = receiver;
    epoll_ctl(epoll_.get(), operation, socket, &event);
  }

  void serve_until(steady_clock::time_point deadline) {
    for (auto now = steady_clock::now(); now < deadline; now = steady_clock::now()) {
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now);
      const timespec timeout{.tv_sec = left.count() / 1'000'000'000,
                             .tv_nsec = left.count() % 1'000'000'000};
      std::array<epoll_event, 64> ready;
      const int count = epoll_pwait2(epoll_.get(), ready.data(), ready.size(), &timeout, nullptr);
      for (int i = 0; i < count; ++i) {
        if (ready[i].data.ptr == nullptr) {
          accept_all();
        } else {
          flush(*static_cast<Receiver*>(ready[i].data.ptr));
        }
      }
    }
  }

  void accept_all() {
    while (auto socket = accept_one(listener_.get())) {
      auto& receiver = *receivers_.emplace_back(std::make_unique<Receiver>());
      receiver.socket = std::move(socket);
      watch(EPOLL_CTL_ADD, receiver.socket.get(), 0, &receiver);
    }
  }

  // Those that take everything, which is nearly all, cost one system call and nothing else.
  void send_batch() {
    for (const auto& receiver : receivers_) {
      if (!receiver->socket) continue;
      const bool waits = !receiver->rest.empty();
      const std::size_t sent = waits ? 0 : write(*receiver, batch_, 0);
      if (!receiver->socket || sent == batch_bytes_) continue;
      receiver->rest.insert(receiver->rest.end(), batch_.begin(), batch_.end());
      drop(*receiver, sent);
      if (!waits) await_writable(*receiver, true);
    }
    batch_.clear();
    batch_bytes_ = 0;
  }

  void flush(Receiver& receiver) const {
    drop(receiver, write(receiver, receiver.rest, receiver.offset));
    if (receiver.socket && receiver.rest.empty()) await_writable(receiver, false);
  }

  // Returns how many bytes the socket took. One that failed is closed.
  template <class Messages>
  std::size_t write(Receiver& receiver, const Messages& messages, std::size_t offset) const {
    std::array<iovec, kBatchMax> parts;
    std::size_t count = 0;
    for (const SharedBytes& bytes : messages) {
      if (count == parts.size()) break;
      parts[count++] = {const_cast<std::uint8_t*>(bytes.data()) + offset, bytes.size() - offset};
      offset = 0;
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = sendmsg(receiver.socket.get(), &message, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno != EAGAIN) {
      watch(EPOLL_CTL_DEL, receiver.socket.get(), 0, nullptr);
      receiver = {};
    }
    return 0;
  }

  void await_writable(Receiver& receiver, bool wanted) const {
    watch(EPOLL_CTL_MOD, receiver.socket.get(), wanted ? std::uint32_t{EPOLLOUT} : 0, &receiver);
  }

  static void drop(Receiver& receiver, std::size_t sent) {
    receiver.offset += sent;
    while (!receiver.rest.empty() && receiver.offset >= receiver.rest.front().size()) {
      receiver.offset -= receiver.rest.front().size();
      receiver.rest.pop_front();
    }
  }

  Settings settings_;
  std::vector<Message> messages_;
  milliseconds length_;
  load::FileDescriptor listener_;
  load::FileDescriptor epoll_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<SharedBytes> batch_;
  std::size_t batch_bytes_ = 0;
};

int main_with(int argc, const char* const* argv) {
  Settings settings;
  CLI::App app("Sends one stream's bytes to every socket that connects.", "bare-send");
  app.add_option("--port", settings.port, "0: any");
  app.add_option("--batch", settings.batch, "Messages a write")
      ->check(CLI::Range(std::size_t{1}, kBatchMax));
  app.add_option("--bitrate", settings.kilobits, "kbit/s of the stream");
  CLI11_PARSE(app, argc, argv);
  try {
    raise_descriptor_limit();
    Sender(settings, load::make_script({.bit_rate = settings.kilobits * 1000})).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare-send: {}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) { return weir::bench::main_with(argc, argv); }
