#include "media_svc/hub/registry.h"

#include <utility>

namespace weir::media::hub {

Claim::Claim(Registry* registry, std::string name, WorkerId worker)
    : registry_(registry), name_(std::move(name)), worker_(worker) {}

Claim::Claim(Claim&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)),
      name_(std::move(other.name_)),
      worker_(other.worker_) {}

Claim& Claim::operator=(Claim&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  registry_ = std::exchange(other.registry_, nullptr);
  name_ = std::move(other.name_);
  worker_ = other.worker_;
  return *this;
}

Claim::~Claim() { give_back(); }

void Claim::give_back() {
  if (Registry* const registry = std::exchange(registry_, nullptr)) registry->give_back(name_);
}

Result<Publication, HoldError> Claim::hold(std::int64_t epoch, PublicationEvents events) && {
  Registry* const registry = std::exchange(registry_, nullptr);
  return registry->hold(name_, worker_, epoch, std::move(events));
}

Attachment::Attachment(Registry* registry, std::string name, std::shared_ptr<StreamLog> log)
    : registry_(registry), name_(std::move(name)), log_(std::move(log)) {}

Attachment& Attachment::operator=(Attachment&& other) noexcept {
  if (this == &other) return *this;
  leave();
  registry_ = other.registry_;
  name_ = std::move(other.name_);
  log_ = std::move(other.log_);
  return *this;
}

Attachment::~Attachment() { leave(); }

void Attachment::leave() {
  if (!log_) return;
  log_.reset();
  registry_->leave(name_);
}

Registry::Registry(Post post, LogLimits limits) : post_(std::move(post)), limits_(limits) {}

Result<Claim, HoldError> Registry::claim(std::string_view name, WorkerId worker) {
  const std::lock_guard lock(mutex_);
  Stream& stream = streams_[std::string(name)];
  if (stream.claimed) return HoldError::kNameClaimed;
  stream.claimed = true;
  return Claim(this, std::string(name), worker);
}

Attachment Registry::attach(std::string_view name, WorkerId worker) {
  std::shared_ptr<StreamLog> log;
  std::optional<Holder> holder;
  {
    const std::lock_guard lock(mutex_);
    Stream& stream = streams_[std::string(name)];
    const std::size_t members = stream.members.size();
    log = log_of(stream, worker);
    const bool is_new = stream.members.size() > members;
    const bool is_origins = stream.holder && stream.holder->worker == worker;
    if (is_new || is_origins) holder = stream.holder;
  }
  if (holder) announce({worker, log}, *holder);
  return {this, std::string(name), std::move(log)};
}

Result<Publication, HoldError> Registry::hold(const std::string& name, WorkerId worker,
                                              std::int64_t epoch, PublicationEvents events) {
  std::shared_ptr<Origin> origin;
  std::optional<Holder> replaced;
  std::vector<Member> members;
  {
    const std::lock_guard lock(mutex_);
    Stream& stream = streams_.find(name)->second;
    stream.claimed = false;
    if (stream.holder && stream.holder->epoch > epoch) return HoldError::kNewerHolder;
    replaced = stream.holder;
    origin = put_holder(stream, {.name = name, .worker = worker, .epoch = epoch}, false,
                        std::move(events));
    members = stream.members;
  }
  begin(*origin, members);
  if (replaced) {
    post_(replaced->worker, [origin_weak = replaced->origin] {
      if (const auto old = origin_weak.lock()) old->replaced();
    });
  }
  return Publication(std::move(origin));
}

Result<Publication, HoldError> Registry::relay(std::string_view name, WorkerId worker,
                                               std::int64_t epoch,
                                               std::function<void()> on_replaced) {
  std::shared_ptr<Origin> origin;
  std::vector<Member> members;
  {
    const std::lock_guard lock(mutex_);
    Stream& stream = streams_[std::string(name)];
    if (stream.claimed || stream.holder) return HoldError::kNotFree;
    origin = put_holder(stream, {.name = std::string(name), .worker = worker, .epoch = epoch}, true,
                        {.on_replaced = std::move(on_replaced)});
    members = stream.members;
  }
  begin(*origin, members);
  return Publication(std::move(origin));
}

std::shared_ptr<Origin> Registry::put_holder(Stream& stream, Origin::Identity identity,
                                             bool relayed, PublicationEvents events) {
  remove_holder(stream);
  if (!relayed) ++published_;
  identity.id = ++last_publication_;
  auto origin =
      std::make_shared<Origin>(*this, identity, log_of(stream, identity.worker), std::move(events));
  stream.holder = Holder{identity.worker, identity.id, identity.epoch, origin, relayed};
  return origin;
}

void Registry::remove_holder(Stream& stream) {
  if (stream.holder && !stream.holder->relayed) --published_;
  stream.holder.reset();
}

void Registry::begin(Origin& origin, const std::vector<Member>& members) {
  origin.begin();
  for (const Member& member : members) {
    if (member.worker != origin.identity().worker) origin.feed(post_, member.worker, member.log);
  }
}

void Registry::announce(const Member& member, const Holder& holder) {
  post_(holder.worker, [this, origin_weak = holder.origin, member] {
    if (const auto origin = origin_weak.lock()) origin->attached(post_, member.worker, member.log);
  });
}

std::shared_ptr<StreamLog> Registry::log_of(Stream& stream, WorkerId worker) {
  for (const Member& member : stream.members) {
    if (member.worker != worker) continue;
    if (auto log = member.log.lock()) return log;
  }
  auto log = std::make_shared<StreamLog>(limits_);
  stream.members.push_back({worker, log});
  return log;
}

void Registry::give_back(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto stream = streams_.find(name);
  stream->second.claimed = false;
  erase_if_unused(stream);
}

void Registry::withdraw(const Origin::Identity& identity) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(identity.name);
  // Gone where a newer publisher took the name and has left it since.
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (stream.holder && stream.holder->id == identity.id) remove_holder(stream);
}

void Registry::leave(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(name);
  // Gone where another worker noticed first that the log had expired.
  if (found != streams_.end()) erase_if_unused(found);
}

void Registry::erase_if_unused(Streams::iterator stream) {
  std::erase_if(stream->second.members, [](const Member& member) { return member.log.expired(); });
  const Stream& rest = stream->second;
  if (!rest.claimed && !rest.holder && rest.members.empty()) streams_.erase(stream);
}

bool Registry::published(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(name);
  if (found == streams_.end()) return false;
  const std::optional<Holder>& holder = found->second.holder;
  return holder && !holder->relayed;
}

std::size_t Registry::published_count() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::size_t Registry::size() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace weir::media::hub
