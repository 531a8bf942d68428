#include "common/metrics/admin_server.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace weir::metrics {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

// A request and its answer; who is slower is closed.
constexpr auto kRequestTimeout = std::chrono::seconds(5);
constexpr std::size_t kLongestRequest = 8 * 1024;
// For those who gave a command to hear that all is done.
constexpr auto kFarewell = std::chrono::seconds(1);
// Probes, a scraper and a curious human need a handful.
constexpr std::size_t kMostConnections = 64;
constexpr auto kPauseAfterFailedAccept = std::chrono::milliseconds(100);
// As long as the kernel's default, so that a burst of probes is not refused.
constexpr int kBacklog = 128;

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";
// The Prometheus text exposition format.
constexpr std::string_view kMetricsText = "text/plain; version=0.0.4; charset=utf-8";

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

tcp::acceptor listen_on(asio::io_context& io, const Endpoint& endpoint) {
  const tcp::endpoint address =
      tcp::resolver(io)
          .resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive)
          .begin()
          ->endpoint();
  tcp::acceptor acceptor(io, address.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(address);
  acceptor.listen(kBacklog);
  return acceptor;
}

}  // namespace

class AdminServer::Http {
 public:
  Http(const Endpoint& listen, const Registry& registry, Probes probes, Commands commands)
      : registry_(registry),
        probes_(std::move(probes)),
        commands_(std::move(commands)),
        acceptor_(listen_on(io_, listen)) {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~Http() {
    asio::post(io_, [this] { end(); });
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  // Counts something as long as it lasts.
  class Place {
   public:
    explicit Place(std::size_t& taken) : taken_(taken) { ++taken_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { --taken_; }

   private:
    std::size_t& taken_;
  };

  asio::awaitable<void> accept() {
    asio::steady_timer pause(io_);
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (error) {
        pause.expires_after(kPauseAfterFailedAccept);
        co_await pause.async_wait(kAwait);
      } else if (connections_ < kMostConnections) {
        asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
      }
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    const Place place(connections_);
    beast::tcp_stream stream(std::move(socket));
    stream.expires_after(kRequestTimeout);
    beast::flat_buffer buffer(kLongestRequest);
    Request request;
    const auto [read_error, read] = co_await http::async_read(stream, buffer, request, kAwait);
    if (read_error) co_return;
    if (request.method() == http::verb::post) co_return co_await command(stream, request);
    co_await respond(stream, answer(request));
  }

  static asio::awaitable<void> respond(beast::tcp_stream& stream, Response response) {
    const auto [error, written] = co_await http::async_write(stream, response, kAwait);
    if (error) co_return;
    // Closing with the client's bytes unread would cost it the answer.
    stream.socket().shutdown(tcp::socket::shutdown_send);
  }

  asio::awaitable<void> command(beast::tcp_stream& stream, const Request& request) {
    using namespace asio::experimental::awaitable_operators;
    if (auto refusal = refuse(request, stream.socket())) {
      co_return co_await respond(stream, *std::move(refusal));
    }
    {
      const Place place(askers_);
      commands_.at(std::string(request.target()))();
      stream.expires_never();
      std::array<char, 64> ignored{};
      const auto sent = asio::buffer(ignored);
      const auto first =
          co_await (end_.async_wait(kAwait) || stream.socket().async_read_some(sent, kAwait));
      if (first.index() == 0) {
        co_await respond(stream, page(request, http::status::ok, kPlainText, "done\n"));
        co_await stream.socket().async_read_some(sent, kAwait);
      }
    }
    stop_after_farewell();
  }

  // From this machine alone, and not from a web page that its browser shows.
  std::optional<Response> refuse(const Request& request, const tcp::socket& socket) const {
    if (!commands_.contains(std::string(request.target()))) {
      return page(request, http::status::method_not_allowed, kPlainText, "GET and HEAD only\n");
    }
    if (!is_from_here(socket) || request.find(http::field::origin) != request.end()) {
      return page(request, http::status::forbidden, kPlainText, "from this machine only\n");
    }
    return std::nullopt;
  }

  static bool is_from_here(const tcp::socket& socket) {
    boost::system::error_code error;
    const asio::ip::address remote = socket.remote_endpoint(error).address();
    if (error) return false;
    return remote.is_loopback() || remote == socket.local_endpoint(error).address();
  }

  Response answer(const Request& request) const {
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return page(request, http::status::method_not_allowed, kPlainText, "GET and HEAD only\n");
    }
    if (request.target() == "/livez") {
      const std::optional<std::string> fault = probes_.fault();
      if (!fault) return page(request, http::status::ok, kPlainText, "alive\n");
      return page(request, http::status::service_unavailable, kPlainText, *fault + "\n");
    }
    if (request.target() == "/readyz") {
      const Readiness readiness = probes_.readiness();
      if (readiness.ready) return page(request, http::status::ok, kPlainText, "ready\n");
      return page(request, http::status::service_unavailable, kPlainText,
                  "not ready: " + readiness.reason + "\n");
    }
    if (request.target() == "/metrics") {
      return page(request, http::status::ok, kMetricsText, registry_.text());
    }
    return page(request, http::status::not_found, kPlainText, "not found\n");
  }

  static Response page(const Request& request, http::status status, std::string_view content_type,
                       std::string body) {
    Response response(status, request.version());
    response.set(http::field::content_type, beast::string_view(content_type));
    response.set(http::field::cache_control, "no-store");
    response.keep_alive(false);
    response.content_length(body.size());
    if (request.method() != http::verb::head) response.body() = std::move(body);
    return response;
  }

  void end() {
    acceptor_.close();
    end_.expires_at(asio::steady_timer::time_point::min());
    farewell_.expires_after(kFarewell);
    farewell_.async_wait([this](const boost::system::error_code&) { io_.stop(); });
    stop_after_farewell();
  }

  void stop_after_farewell() {
    if (!acceptor_.is_open() && askers_ == 0) io_.stop();
  }

  const Registry& registry_;
  const Probes probes_;
  const Commands commands_;
  std::size_t connections_ = 0;
  // Among them, who gave a command.
  std::size_t askers_ = 0;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  // Over once the server ends.
  asio::steady_timer end_{io_, asio::steady_timer::time_point::max()};
  asio::steady_timer farewell_{io_};
  // Last, so that it is joined before what it uses goes.
  std::jthread thread_;
};

AdminServer::AdminServer(const Endpoint& listen, const Registry& registry, Probes probes,
                         Commands commands)
    : endpoint_(listen) {
  try {
    http_ = std::make_unique<Http>(listen, registry, std::move(probes), std::move(commands));
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(
        fmt::format("cannot listen on {}: {}", to_string(listen), error.code().message()));
  }
  endpoint_.port = http_->port();
}

AdminServer::~AdminServer() = default;

}  // namespace weir::metrics
