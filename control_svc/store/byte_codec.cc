#include "control_svc/store/byte_codec.h"

#include "control_svc/domain/digest.h"

namespace weir::control::store {
namespace {

constexpr std::size_t kDigestSize = sizeof(std::uint64_t);

}  // namespace

std::string ByteWriter::finish() && {
  number(domain::Digest{}.add(bytes_).value());
  return std::move(bytes_);
}

ByteReader::ByteReader(std::string_view bytes, std::uint8_t newest) {
  if (bytes.size() <= kDigestSize) return;
  const std::string_view body = bytes.substr(0, bytes.size() - kDigestSize);
  good_ = true;
  left_ = bytes.substr(body.size());
  good_ = number<std::uint64_t>() == domain::Digest{}.add(body).value();
  left_ = body;
  format_ = number<std::uint8_t>();
  if (format_ == 0 || format_ > newest) good_ = false;
}

std::size_t ByteReader::count(std::size_t entry_size) {
  const auto count = number<std::uint32_t>();
  if (count > left_.size() / entry_size) good_ = false;
  return good_ ? count : 0;
}

std::string_view ByteReader::take(std::size_t size) {
  if (!good_ || size > left_.size()) {
    good_ = false;
    return {};
  }
  const std::string_view taken = left_.substr(0, size);
  left_.remove_prefix(size);
  return taken;
}

}  // namespace weir::control::store
