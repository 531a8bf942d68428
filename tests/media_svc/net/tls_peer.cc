#include "tests/media_svc/net/tls_peer.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace weir::media::testing {
namespace {

void require(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

rtmp::ClientSession::Options options(rtmp::ClientSession::Role role, const std::string& name) {
  return {.role = role, .app = "live", .tc_url = "rtmps://127.0.0.1/live", .name = name};
}

template <class Write>
void write_pem(const std::string& file, Write write) {
  std::FILE* out = std::fopen(file.c_str(), "w");
  require(out != nullptr && write(out) == 1, "a PEM file cannot be written");
  std::fclose(out);
}

}  // namespace

TestCertificate::TestCertificate() {
  const auto directory = std::filesystem::temp_directory_path() / "weir-certificate-XXXXXX";
  std::string name = directory.string();
  require(::mkdtemp(name.data()) != nullptr, "no directory for a certificate");
  certificate_file = name + "/certificate.pem";
  key_file = name + "/key.pem";

  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  require(key != nullptr && certificate != nullptr, "no certificate can be made");
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  require(X509_sign(certificate, key, EVP_sha256()) != 0, "the certificate cannot be signed");
  write_pem(certificate_file, [&](std::FILE* out) { return PEM_write_X509(out, certificate); });
  write_pem(key_file, [&](std::FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TestCertificate::~TestCertificate() {
  std::error_code ignored;
  std::filesystem::remove_all(std::filesystem::path(certificate_file).parent_path(), ignored);
}

TlsPeer::TlsPeer(const Endpoint& server, rtmp::ClientSession::Role role, const std::string& name,
                 std::string_view preamble)
    : context_(SSL_CTX_new(TLS_client_method())), session_(options(role, name)) {
  socket_.connect({boost::asio::ip::make_address(server.host), server.port});
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  boost::asio::write(socket_, boost::asio::buffer(preamble.data(), preamble.size()));
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), socket_.native_handle());
  require(SSL_connect(ssl_.get()) == 1, "no TLS with the server");
}

void TlsPeer::flush() {
  const auto output = session_.output();
  if (output.empty()) return;
  require(SSL_write(ssl_.get(), output.data(), static_cast<int>(output.size())) > 0,
          "the server takes nothing");
  session_.consume_output(output.size());
}

bool TlsPeer::exchange() {
  flush();
  received_.resize(64u << 10);
  const int count = SSL_read(ssl_.get(), received_.data(), static_cast<int>(received_.size()));
  if (count <= 0) return false;
  received_.resize(static_cast<std::size_t>(count));
  session_.feed(received_);
  return true;
}

void TlsPeer::send(rtmp::MessageType type, std::uint32_t timestamp, std::string_view payload) {
  session_.send_media({type, timestamp, 0, SharedBytes::copy_of(payload)});
  flush();
}

}  // namespace weir::media::testing
