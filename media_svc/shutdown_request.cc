#include "media_svc/shutdown_request.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::media {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

void post(const Endpoint& admin) {
  asio::io_context io;
  beast::tcp_stream stream(io);
  stream.connect(asio::ip::tcp::resolver(io).resolve(admin.host, std::to_string(admin.port)));
  http::request<http::empty_body> request(http::verb::post, beast::string_view(kShutdownPath), 11);
  request.set(http::field::host, to_string(admin));
  request.prepare_payload();
  http::write(stream, request);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(stream, buffer, response);
  if (response.result() != http::status::ok) {
    throw std::runtime_error(fmt::format("it answers {}", response.result_int()));
  }
}

std::runtime_error not_taken(const Endpoint& admin, std::string_view why) {
  return std::runtime_error(
      fmt::format("no instance takes the request at {}: {}", to_string(admin), why));
}

}  // namespace

void request_shutdown(const Endpoint& admin) {
  try {
    post(admin);
  } catch (const boost::system::system_error& error) {
    throw not_taken(admin, error.code().message());
  } catch (const std::exception& error) {
    throw not_taken(admin, error.what());
  }
}

}  // namespace weir::media
