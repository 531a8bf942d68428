#include "tests/layering/layering.h"

#include <algorithm>
#include <fstream>
#include <optional>

namespace weir::layering {
namespace {

namespace fs = std::filesystem;

// Libraries that only some folders may use, by what their headers' paths begin with.
struct Library {
  std::string_view name;
  std::vector<std::string_view> headers;
};
const std::vector<Library> kLibraries = {
    {"asio", {"boost/asio", "boost/beast"}},
    {"grpc", {"grpc/", "grpcpp/", "weir/v1/", "google/rpc/", "google/protobuf/"}},
    {"sockets", {"sys/socket.h", "sys/epoll.h", "netinet/", "netdb.h"}},
    {"prometheus", {"prometheus/"}},
    {"options", {"CLI/", "toml++/"}},
    {"sqlite", {"sqlite3.h"}},
};

// A folder, the folders besides itself that it may include, and its libraries. Files of a folder
// without a rule of its own follow that of the nearest folder above.
struct Layer {
  std::string_view folder;
  std::vector<std::string_view> folders;
  std::vector<std::string_view> libraries;
};
const std::vector<Layer> kLayers = {
    {"common", {}, {"sockets"}},
    {"common/config", {"common"}, {"options"}},
    {"common/hmac", {}, {}},
    {"common/log", {"common", "common/config"}, {}},
    // It serves /metrics and the probes over HTTP.
    {"common/metrics", {"common", "common/log"}, {"prometheus", "asio"}},
    {"common/relay_token", {"common", "common/hmac"}, {}},
    {"common/grpc", {"common", "common/log", "common/metrics"}, {"grpc"}},

    {"control_svc/domain", {"common"}, {}},
    {"control_svc/store", {"common", "common/log", "control_svc/domain"}, {"sqlite"}},
    {"control_svc/rpc",
     {"common", "common/log", "common/metrics", "common/grpc", "common/relay_token",
      "control_svc/domain", "control_svc/store"},
     {"grpc"}},
    // main.cc and what it wires with.
    {"control_svc",
     {"common", "common/config", "common/log", "common/metrics", "common/grpc",
      "common/relay_token", "control_svc/domain", "control_svc/store", "control_svc/rpc"},
     {"grpc"}},

    {"media_svc/rtmp", {"common", "common/hmac"}, {}},
    {"media_svc/flv", {"common"}, {}},
    {"media_svc/hub", {"common", "media_svc/flv"}, {}},
    {"media_svc/admission", {"common"}, {}},
    {"media_svc/drain", {"common"}, {}},
    {"media_svc/relay", {"common"}, {}},
    {"media_svc/control_link", {"common", "common/log", "common/metrics", "common/grpc"}, {"grpc"}},
    {"media_svc/net",
     {"common", "common/hmac", "common/log", "common/metrics", "common/relay_token",
      "media_svc/rtmp", "media_svc/flv", "media_svc/hub", "media_svc/admission", "media_svc/drain",
      "media_svc/relay", "media_svc/control_link"},
     {"asio", "sockets"}},
    {"media_svc",
     {"common", "common/config", "common/log", "common/metrics", "common/grpc", "media_svc/rtmp",
      "media_svc/flv", "media_svc/hub", "media_svc/admission", "media_svc/drain",
      "media_svc/control_link", "media_svc/net"},
     {"asio"}},
};

constexpr std::string_view kTopFolders[] = {"common", "control_svc", "media_svc"};

bool contains(const std::vector<std::string_view>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

const Layer* layer_of(const fs::path& folder) {
  for (fs::path at = folder; !at.empty(); at = at.parent_path()) {
    const auto found = std::ranges::find(kLayers, at.generic_string(), &Layer::folder);
    if (found != kLayers.end()) return &*found;
  }
  return nullptr;
}

bool names_library(std::string_view include, const Library& library) {
  return std::ranges::any_of(library.headers,
                             [&](std::string_view prefix) { return include.starts_with(prefix); });
}

bool allowed(const Layer& layer, const fs::path& include) {
  if (include.filename() == "main.h" || *include.begin() == "tests") return false;
  if (const Layer* other = layer_of(include.parent_path())) {
    return other == &layer || contains(layer.folders, other->folder);
  }
  const std::string path = include.generic_string();
  return std::ranges::all_of(kLibraries, [&](const Library& library) {
    return !names_library(path, library) || contains(layer.libraries, library.name);
  });
}

// What stands between the quotes or angle brackets of an include line.
std::optional<std::string> included(const std::string& line) {
  const auto hash = line.find_first_not_of(' ');
  if (hash == std::string::npos || !line.substr(hash).starts_with("#include")) return std::nullopt;
  const auto open = line.find_first_of("\"<");
  if (open == std::string::npos) return std::nullopt;
  const auto close = line.find_first_of("\">", open + 1);
  return line.substr(open + 1, close - open - 1);
}

void check_file(const fs::path& root, const fs::path& file, std::vector<Violation>& found) {
  const fs::path relative = file.lexically_relative(root);
  const Layer* layer = layer_of(relative.parent_path());
  std::ifstream text(file);
  std::string line;
  for (std::size_t number = 1; std::getline(text, line); ++number) {
    const auto include = included(line);
    if (include && !allowed(*layer, *include)) {
      found.push_back({relative.generic_string(), number, *include});
    }
  }
}

}  // namespace

std::vector<Violation> find_violations(const fs::path& root) {
  std::vector<fs::path> files;
  for (const std::string_view top : kTopFolders) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const auto extension = entry.path().extension();
      if (extension == ".h" || extension == ".cc") files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  std::vector<Violation> found;
  for (const fs::path& file : files) check_file(root, file, found);
  return found;
}

}  // namespace weir::layering
