// Where the load goes: the server, and how the names of its streams are made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::load {

// One stream as one client asks for it.
struct StreamUrl {
  std::string app;
  // "rtmp://host:port/app"
  std::string tc_url;
  // With the query, as the client sends it.
  std::string name;
};

// "rtmp://host[:port]/app/name[?query]". In name and query `{stream}` stands for the number of the
// stream and `{client}` for a number that no other connection of this process has. A value.
struct Target {
  std::string host;
  std::uint16_t port = 1935;
  std::string app;
  std::string name;

  StreamUrl url(std::uint64_t stream, std::uint64_t client) const;
};

// Nothing if `text` is not of that form.
std::optional<Target> parse_target(std::string_view text);

}  // namespace weir::load
