#include "common/hmac/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace weir::hmac {
namespace {

struct Free {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, Free>;

Context make_context() {
  const std::unique_ptr<EVP_MAC, Free> mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
  Context context(EVP_MAC_CTX_new(mac.get()));
  std::string digest = OSSL_DIGEST_NAME_SHA2_256;
  const OSSL_PARAM choice[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), choice) != 1) {
    throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
  }
  return context;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Digest sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message) {
  // OpenSSL looks algorithms up by their names, which costs several times what a short text does:
  // once a thread is enough.
  thread_local const Context kContext = make_context();
  Digest digest;
  std::size_t written = 0;
  if (EVP_MAC_init(kContext.get(), key.data(), key.size(), nullptr) != 1 ||
      EVP_MAC_update(kContext.get(), message.data(), message.size()) != 1 ||
      EVP_MAC_final(kContext.get(), digest.data(), &written, digest.size()) != 1 ||
      written != digest.size()) {
    throw std::runtime_error("HMAC-SHA-256 failed");
  }
  return digest;
}

Digest sha256(std::string_view key, std::string_view message) {
  return sha256(bytes_of(key), bytes_of(message));
}

}  // namespace weir::hmac
