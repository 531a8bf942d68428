#include "media_svc/rtmp/stream_address.h"

#include <algorithm>

#include "common/utf8.h"

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

// UTF-8 without control characters.
bool is_printable(std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  for (;;) {
    // Nearly always all of it.
    const auto rest = std::ranges::find_if_not(text, is_plain);
    text.remove_prefix(static_cast<std::size_t>(rest - text.begin()));
    if (text.empty()) return true;
    const CodePoint next = first_code_point(text);
    if (next.bytes == 0 || is_control(next.value)) return false;
    text.remove_prefix(next.bytes);
  }
}

// False: one of them is not printable. They are passed on as text, in which nothing else can be.
bool append_parameters(std::string_view query,
                       std::vector<std::pair<std::string, std::string>>& parameters) {
  while (!query.empty()) {
    const auto [pair, rest] = split_at(query, '&');
    const auto [key, value] = split_at(pair, '=');
    auto decoded = std::pair(percent_decoded(key), percent_decoded(value));
    if (!is_printable(decoded.first) || !is_printable(decoded.second)) return false;
    if (!key.empty()) parameters.push_back(std::move(decoded));
    query = rest;
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
  for (const auto query : {name_query, app_query, split_at(tc_url, '?').second}) {
    if (!append_parameters(query, address.parameters)) return std::nullopt;
  }
  return address;
}

bool is_valid_app(std::string_view app) {
  std::vector<std::string> segments;
  return append_segments(split_at(app, '?').first, segments) && !segments.empty();
}

}  // namespace weir::media::rtmp
