// An RTMPS client for tests: a blocking TLS socket with a ClientSession, and a certificate for the
// server that it talks to.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/endpoint.h"
#include "media_svc/rtmp/client_session.h"

namespace weir::media::testing {

// A self-signed ECDSA certificate, made when it is asked for, in files of a test's own.
struct TestCertificate {
  TestCertificate();
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  std::string certificate_file;
  std::string key_file;
};

// Owned by a test, on its thread. Waits at most 30 s for what it waits for.
class TlsPeer {
 public:
  // A publisher or player of "live/{name}"; `preamble` goes before all else, in the clear.
  TlsPeer(const Endpoint& server, rtmp::ClientSession::Role role, const std::string& name,
          std::string_view preamble = {});

  // The next event that is a `T`; others on the way are dropped. Nothing if the server closes.
  template <class T>
  std::optional<T> wait_for() {
    for (;;) {
      while (auto event = session_.next_event()) {
        if (auto* wanted = std::get_if<T>(&*event)) return std::move(*wanted);
      }
      if (!exchange()) return std::nullopt;
    }
  }

  void send(rtmp::MessageType type, std::uint32_t timestamp, std::string_view payload);

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  void flush();
  // Sends what there is, then reads once; false at the end of the connection.
  bool exchange();

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  rtmp::ClientSession session_;
  std::vector<std::uint8_t> received_;
};

}  // namespace weir::media::testing
