#include "tests/load/target.h"

#include "common/endpoint.h"

namespace weir::load {
namespace {

constexpr std::string_view kScheme = "rtmp://";
constexpr std::string_view kDefaultPort = ":1935";

std::string replaced(std::string text, std::string_view token, std::uint64_t number) {
  const std::string digits = std::to_string(number);
  for (auto at = text.find(token); at != std::string::npos; at = text.find(token, at)) {
    text.replace(at, token.size(), digits);
    at += digits.size();
  }
  return text;
}

// A host without a port has no colon, or ends with the bracket of an IPv6 address.
std::optional<Endpoint> parse_authority(std::string_view text) {
  const bool bare = text.ends_with(']') || text.find(':') == std::string_view::npos;
  return parse_endpoint(bare ? std::string(text).append(kDefaultPort) : std::string(text));
}

}  // namespace

StreamUrl Target::url(std::uint64_t stream, std::uint64_t client) const {
  const std::string authority = to_string(Endpoint{host, port});
  return {
      .app = app,
      .tc_url = std::string(kScheme) + authority + "/" + app,
      .name = replaced(replaced(name, "{stream}", stream), "{client}", client),
  };
}

std::optional<Target> parse_target(std::string_view text) {
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto host_end = text.find('/');
  if (host_end == std::string_view::npos) return std::nullopt;
  const auto app_end = text.find('/', host_end + 1);
  if (app_end == std::string_view::npos) return std::nullopt;

  const auto endpoint = parse_authority(text.substr(0, host_end));
  const auto app = text.substr(host_end + 1, app_end - host_end - 1);
  const auto name = text.substr(app_end + 1);
  if (!endpoint || endpoint->host.empty() || app.empty() || name.empty()) return std::nullopt;
  return Target{endpoint->host, endpoint->port, std::string(app), std::string(name)};
}

}  // namespace weir::load
