// Which streams there are in this process, and on which workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/result.h"
#include "media_svc/hub/publication.h"
#include "media_svc/hub/stream_log.h"

namespace weir::media::hub {

using WorkerId = std::uint32_t;

// Runs `work` on a worker's thread, in the order of the calls; whatever thread calls.
using Post = std::function<void(WorkerId worker, std::function<void()> work)>;

enum class HoldError : std::uint8_t {
  // Somebody else is being admitted to the same name right now.
  kNameClaimed,
  // A publisher with the same or a newer epoch holds the name.
  kNewerHolder,
};

class Registry;

// The right to publish a name once control has agreed: one a name, also while an older publisher
// is still there. Gives the name back when it ends. Used on the worker that claimed.
class Claim {
 public:
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&& other) noexcept;
  ~Claim();

  // Begins the publication. A holder with an older epoch ends as kReplaced, and its `on_replaced`
  // is called on its worker. The claim is spent either way.
  Result<Publication, HoldError> hold(std::int64_t epoch, std::function<void()> on_replaced) &&;

 private:
  friend class Registry;
  Claim(Registry* registry, std::string name, WorkerId worker);
  void give_back();

  Registry* registry_;
  std::string name_;
  WorkerId worker_ = 0;
};

// A worker's interest in a name: keeps the worker's log of it, published or not. Used and ended
// on that worker.
class Attachment {
 public:
  Attachment(Attachment&& other) noexcept;
  Attachment& operator=(Attachment&& other) noexcept;
  ~Attachment();

  StreamLog& log() const { return *log_; }

 private:
  friend class Registry;
  Attachment(Registry* registry, std::string name, std::shared_ptr<StreamLog> log);
  void leave();

  Registry* registry_;
  std::string name_;
  std::shared_ptr<StreamLog> log_;
};

// One a process; it outlives all that it hands out. Thread-safe, with a lock that no frame ever
// meets: only claims, holds, attachments and their ends take it. A name that nobody claims,
// publishes or waits for is not in it.
class Registry {
 public:
  Registry(Post post, LogLimits limits);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry();

  Result<Claim, HoldError> claim(std::string_view name, WorkerId worker);
  // The worker's log of `name`, the same for each call; for all viewers there, not for each. A
  // stream that is published elsewhere begins there soon after.
  Attachment attach(std::string_view name, WorkerId worker);

  bool published(std::string_view name) const;
  std::size_t published_count() const;
  // Names known for any reason.
  std::size_t size() const;
};

}  // namespace weir::media::hub
