// bare-dialogue: what it costs at least to go through a publish from connect to close: epoll, one
// read each time that the client has said something, one write with what a server answers to that.
// Answers are learnt once, for weir-load as publisher of live/bare; what it says is counted, not
// looked at.
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <exception>
#include <utility>
#include <variant>
#include <vector>

#include "media_svc/rtmp/client_session.h"
#include "media_svc/rtmp/server_session.h"
#include "tests/bench/bare_server.h"
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

struct Publisher {
  load::FileDescriptor socket;
  std::size_t heard = 0;
  std::size_t answered = 0;
};

// False: the publisher has left.
bool converse(Publisher& publisher, const std::vector<Answer>& answers, std::vector<char>& buffer) {
  const int socket = publisher.socket.get();
  const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  publisher.heard += static_cast<std::size_t>(got);
  while (publisher.answered < answers.size() &&
         answers[publisher.answered].after <= publisher.heard) {
    const Bytes& words = answers[publisher.answered++].bytes;
    if (send(socket, words.data(), words.size(), MSG_NOSIGNAL) < 0) return false;
  }
  return true;
}

[[noreturn]] void answer_all() {
  BareServer<Publisher> server(0);
  const std::vector<Answer> answers =
      learn({.role = rtmp::ClientSession::Role::kPublish,
             .app = "live",
             .tc_url = fmt::format("rtmp://127.0.0.1:{}/live", port_of(server.listener())),
             .name = "bare",
             .chunk_size = load::Options{}.chunk_size});
  std::vector<char> buffer(kBufferBytes);
  server.run([](const Publisher&) {},
             [&](Publisher& publisher) { return converse(publisher, answers, buffer); });
}

}  // namespace
}  // namespace weir::bench

int main() {
  try {
    weir::bench::raise_descriptor_limit();
    weir::bench::answer_all();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare-dialogue: {}\n", error.what());
    return 1;
  }
}
