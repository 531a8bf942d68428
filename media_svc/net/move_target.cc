#include "media_svc/net/move_target.h"

namespace weir::media::net {

std::optional<std::string> reconnect_url(std::string_view tc_url,
                                         const control_link::Route& target) {
  constexpr std::string_view kAuthority = "://";
  const auto scheme_end = tc_url.find(kAuthority);
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const bool secure = tc_url.substr(0, scheme_end) == "rtmps";
  const std::string& place = secure ? target.rtmps_url : target.rtmp_url;
  if (place.empty()) return std::nullopt;
  const auto path = tc_url.find('/', scheme_end + kAuthority.size());
  if (path == std::string_view::npos) return place;
  const bool slashed = place.ends_with('/');
  return place.substr(0, place.size() - (slashed ? 1 : 0)) + std::string(tc_url.substr(path));
}

bool reconnects_by_itself(std::string_view client_software) {
  // flashVer of libavformat's publisher, "FMLE/3.0 (compatible; Lavf59.27.100)", and librtmp's own.
  return !client_software.empty() && client_software.find("Lavf") == std::string_view::npos &&
         !client_software.starts_with("LNX ");
}

}  // namespace weir::media::net
