#include "common/metrics/health_check.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <exception>

namespace weir::metrics {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr unsigned kOk = 200;
// Orchestrators give a check a few seconds in all.
constexpr auto kPatience = std::chrono::seconds(3);

asio::awaitable<unsigned> ask(const Endpoint& endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto addresses = co_await resolver.async_resolve(
      endpoint.host, std::to_string(endpoint.port), asio::use_awaitable);
  beast::tcp_stream stream(executor);
  stream.expires_after(kPatience);
  co_await stream.async_connect(addresses, asio::use_awaitable);
  http::request<http::empty_body> request(http::verb::get, "/livez", 11);
  request.set(http::field::host, endpoint.host);
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  co_return response.result_int();
}

}  // namespace

std::optional<std::string> find_health_fault(const Endpoint& endpoint) {
  asio::io_context io;
  std::optional<std::string> fault;
  asio::co_spawn(io, ask(endpoint), [&](const std::exception_ptr& thrown, unsigned status) {
    try {
      if (thrown) std::rethrow_exception(thrown);
      if (status != kOk) fault = fmt::format("{} answers {}", to_string(endpoint), status);
    } catch (const boost::system::system_error& error) {
      fault = fmt::format("{} does not answer: {}", to_string(endpoint), error.code().message());
    }
  });
  io.run();
  return fault;
}

int run_health_check(const Endpoint& endpoint) {
  const std::optional<std::string> fault = find_health_fault(endpoint);
  fmt::print("{}\n", fault.value_or("alive"));
  return fault ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace weir::metrics
