#include "media_svc/net/relay.h"

#include <random>
#include <string_view>
#include <utility>

#include "common/endpoint.h"
#include "common/log/log.h"
#include "media_svc/control_link/control_link.h"
#include "media_svc/net/rtmp_rendering.h"

namespace weir::media::net {

using control_link::StreamPlace;
using relay::Action;
using relay::Event;
using relay::ReplayFilter;

namespace {

// Of "rtmp://host:port"; other schemes are not spoken between instances.
std::optional<Endpoint> endpoint_of(std::string_view url) {
  constexpr std::string_view kScheme = "rtmp://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  return parse_endpoint(url.substr(0, url.find('/')));
}

ReplayFilter::Track track_of(flv::TagType type) {
  if (type == flv::TagType::kAudio) return ReplayFilter::Track::kAudio;
  if (type == flv::TagType::kVideo) return ReplayFilter::Track::kVideo;
  return ReplayFilter::Track::kOther;
}

// What each new player is told anew.
bool is_setup(const hub::Frame& frame) {
  return frame.role() == flv::TagRole::kConfiguration || frame.role() == flv::TagRole::kMetadata;
}

}  // namespace

Relay::Relay(RtmpWorker& worker, std::string stream_id)
    : worker_(worker), stream_id_(std::move(stream_id)), machine_({}, std::random_device{}()) {}

void Relay::begin() {
  worker_.worker.add(shared_from_this());
  look();
}

void Relay::look() {
  if (ended_) return;
  const bool here = worker_.context.registry.published(stream_id_);
  step(here ? Event::kUnwanted : Event::kWanted);
}

void Relay::end() {
  if (std::exchange(ended_, true)) return;
  const auto alive = shared_from_this();
  step(Event::kUnwanted);
  worker_.worker.remove(*this);
}

void Relay::on_tick(SteadyTime now) {
  if (upstream_ && machine_.is_overdue(now)) return on_lost("nothing comes from there");
  if (upstream_) upstream_->on_tick();
  step(Event::kTick);
}

void Relay::step(Event event) {
  for (const Action action : machine_.step(event, steady_now())) perform(action);
  in_vain_ = machine_.in_vain();
}

void Relay::perform(Action action) {
  switch (action) {
    case Action::kFind:
      return find();
    case Action::kConnect:
      return connect();
    case Action::kClose:
      return close();
    case Action::kRelease:
      return release(hub::EndReason::kMoved);
  }
}

void Relay::find() {
  worker_.context.control.find_stream(
      stream_id_, [weak = weak_from_this(), &worker = worker_.worker,
                   question = ++question_](std::optional<StreamPlace> place) {
        worker.post([weak, question, place = std::move(place)]() mutable {
          const auto self = weak.lock();
          if (self && question == self->question_) self->on_answer(std::move(place));
        });
      });
}

void Relay::on_answer(std::optional<StreamPlace> place) {
  if (!place || place->relay_token.empty()) {
    count("not_found");
    return step(Event::kNotFound);
  }
  place_ = std::move(*place);
  step(Event::kFound);
}

void Relay::connect() {
  upstream_ = std::make_shared<RelayUpstream>(worker_, upstream_events());
  auto unit = worker_.context.relays.take();
  if (!unit) {
    worker_.context.metrics.limits_hit.with({"relays"}).Increment();
    return on_lost("too many streams are relayed");
  }
  unit_ = std::move(*unit);
  const auto holder = endpoint_of(place_.route.relay_url);
  if (!holder) return on_lost("its instance has no relay address");
  upstream_->open(*holder, stream_id_, place_.relay_token);
}

UpstreamEvents Relay::upstream_events() {
  const auto told = [weak = weak_from_this()](auto tell) {
    return [weak, tell](const auto&... what) {
      if (const auto self = weak.lock()) tell(*self, what...);
    };
  };
  return {.started = told([](Relay& self) { self.on_started(); }),
          .media = told([](Relay& self, const rtmp::Message& message) { self.on_media(message); }),
          .read = told([](Relay& self) {
            if (self.publication_) self.publication_->commit();
          }),
          .unpublished = told([](Relay& self) { self.release(hub::EndReason::kCompleted); }),
          .lost = told([](Relay& self, const std::string& reason) { self.on_lost(reason); })};
}

void Relay::close() {
  if (const auto upstream = std::exchange(upstream_, nullptr)) upstream->close();
  // What came last does not wait for the next upstream.
  if (publication_) publication_->commit();
  unit_ = {};
  if (!std::exchange(playing_, false)) return;
  worker_.context.metrics.relay_streams.Decrement();
  log::info("relay.ended", {{"stream_id", stream_id_}, {"holder", place_.route.instance_id}},
            "the stream is not played from there any more");
}

void Relay::release(hub::EndReason reason) {
  if (auto publication = std::exchange(publication_, std::nullopt)) publication->release(reason);
}

void Relay::on_started() {
  if (!publish()) return on_lost("it is about to be published here");
  playing_ = true;
  replay_.begin(place_.epoch);
  worker_.context.metrics.relay_streams.Increment();
  count("started");
  log::info("relay.started", {{"stream_id", stream_id_}, {"holder", place_.route.instance_id}},
            "the stream is played from the instance that holds it");
  step(Event::kStarted);
}

// Goes on with what the upstream before has begun, where it was the same. False: somebody is about
// to publish the stream here.
bool Relay::publish() {
  if (publication_ && publication_->epoch() == place_.epoch) return true;
  release(hub::EndReason::kMoved);
  auto publication = worker_.context.registry.relay(stream_id_, worker_.id, place_.epoch,
                                                    [weak = weak_from_this()] {
                                                      if (const auto self = weak.lock())
                                                        self->on_replaced();
                                                    });
  if (!publication) return false;
  publication_ = std::move(*publication);
  return true;
}

// By a publisher here, who may have left again since.
void Relay::on_replaced() {
  step(Event::kUnwanted);
  look();
}

void Relay::on_media(const rtmp::Message& message) {
  if (!publication_) return;
  step(Event::kMedia);
  const hub::FrameHandle frame = frame_of(message);
  if (!is_setup(*frame) && !replay_.is_new(track_of(frame->type()), frame->timestamp())) return;
  publication_->append(frame, steady_now());
}

void Relay::on_lost(const std::string& reason) {
  count(playing_ ? "lost" : "failed");
  log::info(playing_ ? "relay.lost" : "relay.failed",
            {{"stream_id", stream_id_}, {"holder", place_.route.instance_id}, {"reason", reason}},
            "the stream is looked for again");
  step(Event::kLost);
}

void Relay::count(const char* event) const {
  worker_.context.metrics.relay_events.with({event}).Increment();
}

}  // namespace weir::media::net
