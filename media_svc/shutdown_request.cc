#include "media_svc/shutdown_request.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace weir::media {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

pid_t post(const Endpoint& admin) {
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

  pid_t process = 0;
  const std::string& body = response.body();
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), process);
  if (response.result() != http::status::ok || error != std::errc()) {
    throw std::runtime_error(fmt::format("it answers {}", response.result_int()));
  }
  return process;
}

void wait_for_end(pid_t process) {
  // <sys/pidfd.h> of glibc 2.36 cannot be included from C++.
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (handle < 0 && errno == ESRCH) return;
  if (handle < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  ::close(handle);
}

std::runtime_error not_taken(const Endpoint& admin, std::string_view why) {
  return std::runtime_error(
      fmt::format("no instance takes the request at {}: {}", to_string(admin), why));
}

}  // namespace

void request_shutdown(const Endpoint& admin) {
  pid_t process = 0;
  try {
    process = post(admin);
  } catch (const boost::system::system_error& error) {
    throw not_taken(admin, error.code().message());
  } catch (const std::exception& error) {
    throw not_taken(admin, error.what());
  }
  wait_for_end(process);
}

}  // namespace weir::media
