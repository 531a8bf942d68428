// What a client asks for, in its one canonical form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::media::rtmp {

// Application, name and parameters, each percent-decoded once. A value.
//
// Clients cut rtmp://host/a/b/c?token=t at different slashes and put the query on the name, the
// app or the tcUrl. All of that is the same address: app "a", name "b/c", parameter token.
struct StreamAddress {
  std::string app;
  std::string name;
  // The name's own come first, then the app's, then tcUrl's; the first of a key counts.
  std::vector<std::pair<std::string, std::string>> parameters;

  // "{app}/{name}".
  std::string stream_id() const;
  // The value of `key`; empty if it is not there.
  std::string_view parameter(std::string_view key) const;
};

// Nothing if app or name is empty or holds a `..` or `.` segment or an empty one, if they or a
// parameter hold a control character or are not UTF-8, or if the stream id has over 256 bytes.
std::optional<StreamAddress> parse_stream_address(std::string_view tc_url, std::string_view app,
                                                  std::string_view name);

// Whether an address with this `app` of a connect command can be one.
bool is_valid_app(std::string_view app);

}  // namespace weir::media::rtmp
