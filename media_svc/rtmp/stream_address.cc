#include "media_svc/rtmp/stream_address.h"

#include <cstdint>

namespace weir::media::rtmp {
namespace {

constexpr std::size_t kStreamIdBytes = 256;
// The instance that Flash Media Server clients name when they mean none.
constexpr std::string_view kDefaultInstance = "_definst_";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A '%' without two hexadecimal digits stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded.push_back(static_cast<char>(high << 4 | low));
        i += 2;
        continue;
      }
    }
    decoded.push_back(text[i]);
  }
  return decoded;
}

// Splits at the first `separator`; the second part is empty if there is none.
std::pair<std::string_view, std::string_view> split_at(std::string_view text, char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

void append_parameters(std::string_view query,
                       std::vector<std::pair<std::string, std::string>>& parameters) {
  while (!query.empty()) {
    const auto [pair, rest] = split_at(query, '&');
    const auto [key, value] = split_at(pair, '=');
    if (!key.empty()) parameters.emplace_back(percent_decoded(key), percent_decoded(value));
    query = rest;
  }
}

// How many bytes follow the lead byte of a UTF-8 sequence; -1 for what cannot lead one.
int continuation_bytes(std::uint8_t lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead <= 0xDF) return 1;
  if (lead >= 0xE0 && lead <= 0xEF) return 2;
  if (lead >= 0xF0 && lead <= 0xF4) return 3;
  return -1;
}

// Well-formed UTF-8 (Unicode, table 3-7) without control characters.
bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    const int more = continuation_bytes(lead);
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    std::uint32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int k = 1; k <= more; ++k) {
      const auto byte = static_cast<std::uint8_t>(text[i + static_cast<std::size_t>(k)]);
      if ((byte & 0xC0) != 0x80) return false;
      point = point << 6 | (byte & 0x3Fu);
    }
    const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    if (overlong || surrogate || control || point > 0x10FFFF) return false;
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

bool is_plain_segment(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find('/') == std::string_view::npos && is_printable(segment);
}

std::string_view trimmed_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Appends the decoded segments of `path`. False: one of them is not plain.
bool append_segments(std::string_view path, std::vector<std::string>& segments) {
  path = trimmed_slashes(path);
  while (!path.empty()) {
    const auto [segment, rest] = split_at(path, '/');
    auto decoded = percent_decoded(segment);
    if (!is_plain_segment(decoded)) return false;
    if (decoded != kDefaultInstance) segments.push_back(std::move(decoded));
    path = rest;
  }
  return true;
}

}  // namespace

std::string StreamAddress::stream_id() const { return app + '/' + name; }

std::string_view StreamAddress::parameter(std::string_view key) const {
  for (const auto& [own_key, value] : parameters) {
    if (own_key == key) return value;
  }
  return {};
}

std::optional<StreamAddress> parse_stream_address(std::string_view tc_url, std::string_view app,
                                                  std::string_view name) {
  const auto [app_path, app_query] = split_at(app, '?');
  const auto [name_path, name_query] = split_at(name, '?');
  if (trimmed_slashes(app_path).empty() || trimmed_slashes(name_path).empty()) return std::nullopt;
  std::vector<std::string> segments;
  if (!append_segments(app_path, segments) || !append_segments(name_path, segments)) {
    return std::nullopt;
  }
  if (segments.size() < 2) return std::nullopt;

  StreamAddress address;
  address.app = std::move(segments[0]);
  for (std::size_t i = 1; i < segments.size(); ++i) {
    if (i > 1) address.name += '/';
    address.name += segments[i];
  }
  if (address.app.size() + 1 + address.name.size() > kStreamIdBytes) return std::nullopt;
  append_parameters(name_query, address.parameters);
  append_parameters(app_query, address.parameters);
  append_parameters(split_at(tc_url, '?').second, address.parameters);
  return address;
}

bool is_valid_app(std::string_view app) {
  std::vector<std::string> segments;
  return append_segments(split_at(app, '?').first, segments) && !segments.empty();
}

}  // namespace weir::media::rtmp
