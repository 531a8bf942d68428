// Another instance's relay: it plays a stream from here, once for all of its own players.
#pragma once

#include <optional>
#include <string_view>

#include "media_svc/net/player.h"

namespace weir::media::net {

// Let in by control's token instead of a session, also while this instance drains. Plays only what
// is published here: what comes from another instance is not passed on to a third, so that there
// are no loops. Leaves once it has sent all of a publication that has ended. Takes no player's
// place; its connection is bounded like any other.
class RelayPlayer final : public Player {
 public:
  using Player::Player;

  // Of the stream's name: holds the token.
  static constexpr std::string_view kParameter = "relay";

  void begin() override;
  void on_published() override;
  void on_unpublished(hub::EndReason reason) override;
  ConnectionRole role() const override { return ConnectionRole::kRelay; }

 private:
  void ask() override { step(admission::Event::kAdmitted); }
  void hold() override;
  void close(const std::string& why) override;
  bool is_hopeless() const override { return !is_published_here(); }
  void tell_unpublished() override;
  bool is_published_here() const;
  void leave();

  Quota::Unit relay_place_;
  // How the publication ended; what is left of it is still sent.
  std::optional<hub::EndReason> ended_;
};

}  // namespace weir::media::net
