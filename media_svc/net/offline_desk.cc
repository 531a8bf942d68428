#include "media_svc/net/offline_desk.h"

#include <openssl/rand.h>

#include <stdexcept>

#include "common/hmac/hmac.h"

namespace weir::media::net {
namespace {

std::string random_key() {
  std::string key(hmac::kDigestBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), hmac::kDigestBytes) != 1) {
    throw std::runtime_error("no random bytes");
  }
  return key;
}

// Each text with its length, so that none runs into the next.
void append(std::string& texts, std::string_view text) {
  texts += std::to_string(text.size());
  texts += ':';
  texts += text;
}

}  // namespace

OfflineDesk::OfflineDesk(admission::OfflineLimits limits)
    : key_(random_key()), admission_(limits) {}

std::string OfflineDesk::identity_of(const control_link::AdmissionRequest& request) const {
  const bool anonymous = request.user_id.empty() && request.credential.empty();
  std::string presented;
  append(presented, request.user_id);
  append(presented, request.credential);
  append(presented, anonymous ? request.client_address : std::string_view());
  const hmac::Digest digest = hmac::sha256(key_, presented);
  return {digest.begin(), digest.end()};
}

void OfflineDesk::started(const control_link::Session& session, std::string_view identity) {
  const std::scoped_lock lock(mutex_);
  admission_.started({.session_id = session.session_id,
                      .user_id = session.user_id,
                      .stream_id = session.stream_id,
                      .epoch = session.epoch,
                      .touch_interval = session.touch_interval},
                     identity);
}

void OfflineDesk::lost(const control_link::SessionKey& session, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  admission_.lost(session.session_id, session.epoch, now);
}

void OfflineDesk::ended(const control_link::SessionKey& session) {
  const std::scoped_lock lock(mutex_);
  admission_.ended(session.session_id, session.epoch);
}

void OfflineDesk::control_lost(SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  admission_.control_lost(now);
}

void OfflineDesk::control_back() {
  const std::scoped_lock lock(mutex_);
  admission_.control_back();
}

std::optional<control_link::Session> OfflineDesk::resume(std::string_view stream_id,
                                                         std::string_view identity,
                                                         SteadyTime now) const {
  const std::scoped_lock lock(mutex_);
  const admission::HeldSession* held = admission_.resume(stream_id, identity, now);
  if (!held) return std::nullopt;
  return control_link::Session{.session_id = held->session_id,
                               .user_id = held->user_id,
                               .stream_id = held->stream_id,
                               .kind = control_link::SessionKind::kPublish,
                               .epoch = held->epoch,
                               .touch_interval = held->touch_interval,
                               .resumed = true,
                               .route = {}};
}

bool OfflineDesk::admit_player(SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  return admission_.admit_player(now);
}

}  // namespace weir::media::net
