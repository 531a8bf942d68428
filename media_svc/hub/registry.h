// Which streams there are in this process, and on which workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/result.h"
#include "media_svc/hub/origin.h"
#include "media_svc/hub/publication.h"
#include "media_svc/hub/stream_log.h"
#include "media_svc/hub/worker.h"

namespace weir::media::hub {

enum class HoldError : std::uint8_t {
  // Somebody else is being admitted to the same name right now.
  kNameClaimed,
  // A publisher with a newer epoch holds the name.
  kNewerHolder,
  // Somebody holds the name, or is about to.
  kNotFree,
};

class Registry;

// The right to publish a name once control has agreed: one a name, also while an older publisher
// is still there. Gives the name back when it ends. Used on the worker that claimed.
class Claim {
 public:
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&& other) noexcept;
  ~Claim();

  // Begins the publication. A holder whose epoch is not newer ends as kReplaced, and hears of it on
  // its own worker. The claim is spent either way.
  Result<Publication, HoldError> hold(std::int64_t epoch, PublicationEvents events) &&;

 private:
  friend class Registry;
  Claim(Registry* registry, std::string name, WorkerId worker);
  void give_back();

  // Null once spent.
  Registry* registry_;
  std::string name_;
  WorkerId worker_;
};

// A worker's interest in a name: keeps the worker's log of it, published or not. Used and ended
// on that worker.
class Attachment {
 public:
  Attachment(Attachment&& other) noexcept = default;
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
// publishes or is attached to is not in it.
class Registry {
 public:
  Registry(Post post, LogLimits limits);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Result<Claim, HoldError> claim(std::string_view name, WorkerId worker);
  // Begins a publication of what comes from another instance, where nobody here publishes the name
  // or is being admitted to it. Whoever does later takes its place, as with `Claim::hold`.
  Result<Publication, HoldError> relay(std::string_view name, WorkerId worker, std::int64_t epoch,
                                       std::function<void()> on_replaced);
  // The worker's log of `name`, the same for each call: one attachment serves all viewers there. A
  // stream that is published elsewhere begins in it soon after.
  Attachment attach(std::string_view name, WorkerId worker);

  // By a publisher of this process; what is relayed does not count.
  bool published(std::string_view name) const;
  std::size_t published_count() const;
  // Names known for any reason.
  std::size_t size() const;

 private:
  friend class Claim;
  friend class Attachment;
  friend class Origin;

  struct Member {
    WorkerId worker;
    std::weak_ptr<StreamLog> log;
  };
  struct Holder {
    WorkerId worker;
    PublicationId id;
    std::int64_t epoch;
    std::weak_ptr<Origin> origin;
    bool relayed;
  };
  struct Stream {
    bool claimed = false;
    std::optional<Holder> holder;
    // Workers with a log of it.
    std::vector<Member> members;
  };
  struct NameHash {
    // The name that the standard library looks for.
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  using Streams = std::unordered_map<std::string, Stream, NameHash, std::equal_to<>>;

  Result<Publication, HoldError> hold(const std::string& name, WorkerId worker, std::int64_t epoch,
                                      PublicationEvents events);
  void give_back(const std::string& name);
  // The publication is about to end: it holds the name no longer.
  void withdraw(const Origin::Identity& identity);
  // Somebody's log of the name has gone.
  void leave(const std::string& name);

  // With the lock held.
  std::shared_ptr<Origin> put_holder(Stream& stream, Origin::Identity identity, bool relayed,
                                     PublicationEvents events);
  void remove_holder(Stream& stream);
  std::shared_ptr<StreamLog> log_of(Stream& stream, WorkerId worker);
  void erase_if_unused(Streams::iterator stream);

  // Here and in the logs of the other workers.
  void begin(Origin& origin, const std::vector<Member>& members);
  // Tells the publication that there is an attachment to its name.
  void announce(const Member& member, const Holder& holder);

  const Post post_;
  const LogLimits limits_;
  mutable std::mutex mutex_;
  Streams streams_;
  std::size_t published_ = 0;
  PublicationId last_publication_ = 0;
};

}  // namespace weir::media::hub
