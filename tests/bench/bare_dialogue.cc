// bare-dialogue: what it costs at least to go through a publish from connect to close: epoll, one
// read each time that the client has said something, one write with what a server answers to that.
// Answers are learnt once, for weir-load as publisher of live/bare; what it says is counted, not
// looked at.
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <exception>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "media_svc/rtmp/client_session.h"
#include "media_svc/rtmp/server_session.h"
#include "tests/bench/bare_listener.h"
#include "tests/load/options.h"

namespace weir::bench {
namespace {

namespace rtmp = media::rtmp;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

// What the server says once it has heard so many bytes in all.
struct Answer {
  std::size_t after = 0;
  Bytes bytes;
};

Bytes said_by(auto& session) {
  Bytes bytes(session.output().begin(), session.output().end());
  session.consume_output(bytes.size());
  return bytes;
}

// A publisher and a server that admits it; the publisher leaves once it has started.
std::vector<Answer> learn(rtmp::ClientSession::Options options) {
  rtmp::ClientSession client(std::move(options));
  rtmp::ServerSession server({});
  std::vector<Answer> answers;
  std::size_t heard = 0;
  bool started = false;
  while (!client.output().empty()) {
    const Bytes words = said_by(client);
    heard += words.size();
    server.feed(words);
    while (const auto event = server.next_event()) {
      const auto* asked = std::get_if<rtmp::PublishRequested>(&*event);
      if (asked) server.accept_publish(asked->stream_id);
    }
    answers.push_back({heard, said_by(server)});
    client.feed(answers.back().bytes);
    while (const auto event = client.next_event()) {
      started |= std::holds_alternative<rtmp::ClientStarted>(*event);
    }
    if (std::exchange(started, false)) client.stop();
  }
  return answers;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class Answerer {
 public:
  Answerer()
      : listener_(listen_on_loopback(0)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        answers_(learn({.role = rtmp::ClientSession::Role::kPublish,
                        .app = "live",
                        .tc_url = fmt::format("rtmp://127.0.0.1:{}/live", port_of(listener_.get())),
                        .name = "bare",
                        .chunk_size = load::Options{}.chunk_size})),
        buffer_(kBufferBytes) {
    watch(listener_.get());
  }

  void run() {
    std::array<epoll_event, 64> ready;
    for (;;) {
      const int count = epoll_wait(epoll_.get(), ready.data(), ready.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int socket = ready[i].data.fd;
        if (socket == listener_.get()) {
          accept_all();
        } else if (!converse(clients_.at(socket))) {
          clients_.erase(socket);
        }
      }
    }
  }

 private:
  struct Client {
    load::FileDescriptor socket;
    std::size_t heard = 0;
    std::size_t answered = 0;
  };

  void watch(int socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
  }

  void accept_all() {
    while (auto socket = accept_one(listener_.get())) {
      const int descriptor = socket.get();
      clients_.emplace(descriptor, Client{.socket = std::move(socket)});
      watch(descriptor);
    }
  }

  // False: the client has left.
  bool converse(Client& client) {
    const ssize_t got = recv(client.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return false;
    client.heard += static_cast<std::size_t>(got);
    while (client.answered < answers_.size() && answers_[client.answered].after <= client.heard) {
      const Bytes& words = answers_[client.answered++].bytes;
      if (send(client.socket.get(), words.data(), words.size(), MSG_NOSIGNAL) < 0) return false;
    }
    return true;
  }

  load::FileDescriptor listener_;
  load::FileDescriptor epoll_;
  std::vector<Answer> answers_;
  std::vector<char> buffer_;
  std::unordered_map<int, Client> clients_;
};

}  // namespace
}  // namespace weir::bench

int main() {
  try {
    weir::bench::raise_descriptor_limit();
    weir::bench::Answerer().run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare-dialogue: {}\n", error.what());
    return 1;
  }
  return 0;
}
