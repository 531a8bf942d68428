// The certificate and the rules of a TLS listener.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace weir::media::net {

// Owned by main; outlives its listener's connections. Used from any thread once it is made.
class TlsContext {
 public:
  // Reads PEM files: the certificate with its chain, and its key. Throws std::runtime_error with
  // what is wrong with them.
  TlsContext(const std::string& certificate_file, const std::string& key_file);

  SSL_CTX* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace weir::media::net
