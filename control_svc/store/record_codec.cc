#include "control_svc/store/record_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <utility>
#include <variant>

#include "control_svc/domain/session_machine.h"
#include "control_svc/store/byte_codec.h"

namespace weir::control::store {
namespace {

using domain::Block;
using domain::Context;
using domain::InstanceRecord;
using domain::RememberedRequest;
using domain::Session;
using domain::SessionId;
using domain::StreamClaim;
using domain::Text;
using domain::UserRecord;

// Raised whenever a layout below changes; older ones must then still be read.
constexpr std::uint8_t kFormat = 4;
// The first that knows of drains, of a publisher's media, and of a stream's last takeover.
constexpr std::uint8_t kDrainFormat = 2;
constexpr std::uint8_t kMediaFormat = 3;
constexpr std::uint8_t kTakeoverFormat = 4;

// What an event is about.
enum class Subject : std::uint8_t { kSession, kInstance };

std::int64_t millis(WallTime time) { return time.time_since_epoch().count(); }
WallTime read_wall(ByteReader& in) { return WallTime{Duration{in.number<std::int64_t>()}}; }

void write(ByteWriter& out, SteadyTime moment, Now now) {
  out.number(moment == domain::kNever ? WallTime::max().time_since_epoch().count()
                                      : millis(domain::on_wall(moment, now)));
}

SteadyTime read_moment(ByteReader& in, Now now) {
  const WallTime wall = read_wall(in);
  return wall == WallTime::max() ? domain::kNever : now.steady + (wall - now.wall);
}

void write(ByteWriter& out, const SessionId& id) {
  out.text({reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size()});
}

SessionId read_id(ByteReader& in) {
  std::array<std::uint8_t, 16> bytes{};
  const std::string_view text = in.text();
  if (text.size() == bytes.size()) std::ranges::copy(text, bytes.begin());
  return SessionId::from_bytes(bytes);
}

void write(ByteWriter& out, const domain::MediaSnapshot& media) {
  out.flag(media != nullptr);
  if (media == nullptr) return;
  out.text(media->video_codec)
      .text(media->audio_codec)
      .number(media->width)
      .number(media->height)
      .number(std::bit_cast<std::uint64_t>(media->frame_rate))
      .number(media->bytes)
      .number(std::int64_t{media->duration.count()});
}

domain::MediaSnapshot read_media(ByteReader& in) {
  if (in.format() < kMediaFormat || !in.flag()) return nullptr;
  auto media = std::make_shared<domain::MediaSummary>();
  media->video_codec = in.text();
  media->audio_codec = in.text();
  media->width = in.number<std::int32_t>();
  media->height = in.number<std::int32_t>();
  media->frame_rate = std::bit_cast<double>(in.number<std::uint64_t>());
  media->bytes = in.number<std::int64_t>();
  media->duration = Duration{in.number<std::int64_t>()};
  return media;
}

void write(ByteWriter& out, const Session& session) {
  const domain::SessionTexts texts = session.texts.view();
  write(out, session.id);
  out.number(session.kind)
      .number(session.state)
      .number(session.end_reason)
      .flag(session.interrupted)
      .flag(session.cut_by_drain)
      .flag(session.moving)
      .number(session.epoch)
      .number(session.lease.holder)
      .number(millis(session.created))
      .number(millis(session.ended))
      .text(texts.stream_id)
      .text(texts.instance_id)
      .text(texts.client_address)
      .text(texts.client_protocol)
      .text(texts.client_user_agent)
      .text(texts.client_device)
      .text(texts.ended_by)
      .text(texts.message);
  write(out, session.media);
}

Session read_session(ByteReader& in) {
  Session session;
  session.id = read_id(in);
  session.kind = in.number<domain::SessionKind>();
  session.state = in.number<domain::SessionState>();
  session.end_reason = in.number<domain::EndReason>();
  session.interrupted = in.flag();
  session.cut_by_drain = in.flag();
  session.moving = in.format() >= kDrainFormat && in.flag();
  session.epoch = in.number<std::int64_t>();
  session.lease.holder = in.number<std::uint32_t>();
  session.created = read_wall(in);
  session.ended = read_wall(in);
  domain::SessionTexts texts;
  for (std::string_view* field :
       {&texts.stream_id, &texts.instance_id, &texts.client_address, &texts.client_protocol,
        &texts.client_user_agent, &texts.client_device, &texts.ended_by, &texts.message}) {
    *field = in.text();
  }
  session.texts = domain::PackedTexts(texts);
  session.media = read_media(in);
  return session;
}

void write(ByteWriter& out, const std::optional<domain::Drain>& drain, Now now) {
  out.flag(drain.has_value());
  if (!drain) return;
  out.number(drain->cause).text(drain->message).number(drain->generation);
  for (const SteadyTime moment :
       {drain->requested, drain->grace_end, drain->migrate_at, drain->deadline}) {
    write(out, moment, now);
  }
}

std::optional<domain::Drain> read_drain(ByteReader& in, Now now) {
  if (!in.flag()) return std::nullopt;
  domain::Drain drain;
  drain.cause = in.number<domain::ShutdownCause>();
  drain.message = in.text();
  drain.generation = in.number<std::int64_t>();
  for (SteadyTime* moment :
       {&drain.requested, &drain.grace_end, &drain.migrate_at, &drain.deadline}) {
    *moment = read_moment(in, now);
  }
  return drain;
}

void write(ByteWriter& out, const InstanceRecord& instance, Now now) {
  out.text(instance.instance_id)
      .text(instance.incarnation)
      .text(instance.version)
      .text(instance.route.instance_id)
      .text(instance.route.rtmp_url)
      .text(instance.route.http_url)
      .text(instance.route.rtmps_url)
      .text(instance.route.relay_url)
      .number(instance.state)
      .number(instance.resumes_as)
      .flag(instance.cordoned)
      .number(millis(instance.started));
  write(out, instance.changed, now);
  out.number(static_cast<std::uint32_t>(instance.replaced.size()));
  for (const std::string& incarnation : instance.replaced) out.text(incarnation);
  out.flag(instance.ready).number(instance.drain_generation);
  write(out, instance.drain, now);
}

InstanceRecord read_instance(ByteReader& in, Now now) {
  InstanceRecord instance;
  for (std::string* field :
       {&instance.instance_id, &instance.incarnation, &instance.version,
        &instance.route.instance_id, &instance.route.rtmp_url, &instance.route.http_url,
        &instance.route.rtmps_url, &instance.route.relay_url}) {
    *field = in.text();
  }
  instance.state = in.number<domain::InstanceState>();
  instance.resumes_as = in.number<domain::InstanceState>();
  instance.cordoned = in.flag();
  instance.started = read_wall(in);
  instance.changed = read_moment(in, now);
  // Each is at least its length.
  const std::size_t replaced = in.count(sizeof(std::uint32_t));
  for (std::size_t i = 0; i < replaced; ++i) instance.replaced.emplace_back(in.text());
  if (in.format() < kDrainFormat) return instance;
  instance.ready = in.flag();
  instance.drain_generation = in.number<std::int64_t>();
  instance.drain = read_drain(in, now);
  return instance;
}

void write(ByteWriter& out, const domain::QueuePlace& place, Now now) {
  out.text(place.instance_id).number(static_cast<std::int32_t>(place.denials));
  for (const SteadyTime moment : {place.denied, place.starves_at, place.lapses_at}) {
    write(out, moment, now);
  }
}

domain::QueuePlace read_place(ByteReader& in, Now now) {
  domain::QueuePlace place;
  place.instance_id = in.text();
  place.denials = in.number<std::int32_t>();
  for (SteadyTime* moment : {&place.denied, &place.starves_at, &place.lapses_at}) {
    *moment = read_moment(in, now);
  }
  return place;
}

// An optional limit: -1 stands for none.
void write(ByteWriter& out, const std::optional<std::int32_t>& limit) {
  out.number(limit.value_or(-1));
}
std::optional<std::int32_t> read_limit(ByteReader& in) {
  const auto limit = in.number<std::int32_t>();
  return limit < 0 ? std::nullopt : std::optional(limit);
}

}  // namespace

std::string encode(const UserRecord& record, Now now) {
  ByteWriter out(kFormat);
  out.text(record.user_id.view());
  write(out, record.limits.max_play_sessions);
  write(out, record.limits.max_publish_sessions);
  out.number(record.limits.policy);
  out.number(static_cast<std::uint32_t>(record.sessions.size()));
  for (const Session& session : record.sessions) write(out, session);
  out.number(static_cast<std::uint32_t>(record.requests.size()));
  for (const RememberedRequest& request : record.requests) {
    out.number(request.id_digest).number(request.parameters_digest);
    write(out, request.session);
  }
  out.number(static_cast<std::uint32_t>(record.blocks.size()));
  for (const Block& block : record.blocks) {
    out.text(block.stream_id.view())
        .text(block.message.view())
        .number(block.kind)
        .number(millis(domain::on_wall(block.until, now)));
  }
  return std::move(out).finish();
}

std::optional<UserRecord> decode_user(std::string_view bytes, const Context& context) {
  ByteReader in(bytes, kFormat);
  const SteadyTime now = context.now.steady;
  UserRecord record;
  record.user_id = Text(in.text());
  record.limits.max_play_sessions = read_limit(in);
  record.limits.max_publish_sessions = read_limit(in);
  record.limits.policy = in.number<domain::LimitPolicy>();
  const std::size_t sessions = in.count(sizeof(SessionId));
  record.sessions.reserve(sessions);
  for (std::size_t i = 0; i < sessions; ++i) {
    domain::rearm(record.sessions.emplace_back(read_session(in)), context);
  }
  const std::size_t requests = in.count(sizeof(SessionId));
  record.requests.reserve(requests);
  for (std::size_t i = 0; i < requests; ++i) {
    RememberedRequest& request = record.requests.emplace_back();
    request.id_digest = in.number<std::uint64_t>();
    request.parameters_digest = in.number<std::uint64_t>();
    request.session = read_id(in);
    request.until = now + context.settings.request_id_memory;
  }
  const std::size_t blocks = in.count(sizeof(std::int64_t));
  for (std::size_t i = 0; i < blocks; ++i) {
    Block& block = record.blocks.emplace_back();
    block.stream_id = Text(in.text());
    block.message = Text(in.text());
    block.kind = in.number<domain::SessionKind>();
    block.until = now + (read_wall(in) - context.now.wall);
  }
  if (!in.complete()) return std::nullopt;
  return record;
}

std::string encode(const StreamClaim& claim, Now now) {
  ByteWriter out(kFormat);
  out.text(claim.stream_id.view()).number(claim.epoch).text(claim.holder_user.view());
  write(out, claim.holder);
  out.number(millis(claim.started)).flag(claim.last_takeover.has_value());
  if (claim.last_takeover) write(out, *claim.last_takeover, now);
  return std::move(out).finish();
}

std::optional<StreamClaim> decode_claim(std::string_view bytes, const Context& context) {
  ByteReader in(bytes, kFormat);
  StreamClaim claim;
  claim.stream_id = Text(in.text());
  claim.epoch = in.number<std::int64_t>();
  claim.holder_user = Text(in.text());
  claim.holder = read_id(in);
  claim.started = read_wall(in);
  if (in.format() >= kTakeoverFormat && in.flag()) {
    // Whatever the wall clock did meanwhile.
    claim.last_takeover = std::min(read_moment(in, context.now), context.now.steady);
  }
  claim.review_at = context.now.steady + context.settings.tombstone;
  if (!in.complete()) return std::nullopt;
  return claim;
}

std::string encode(const domain::FleetRecord& fleet, Now now) {
  ByteWriter out(kFormat);
  out.number(static_cast<std::uint32_t>(fleet.instances.size()));
  for (const domain::InstanceSnapshot& instance : fleet.instances) write(out, *instance, now);
  out.number(static_cast<std::uint32_t>(fleet.queue.size()));
  for (const domain::QueuePlace& place : fleet.queue) write(out, place, now);
  out.flag(fleet.freeze.has_value());
  if (fleet.freeze) {
    out.text(fleet.freeze->message);
    write(out, fleet.freeze->until, now);
  }
  return std::move(out).finish();
}

std::optional<domain::FleetRecord> decode_fleet(std::string_view bytes, Now now) {
  ByteReader in(bytes, kFormat);
  domain::FleetRecord fleet;
  const std::size_t instances = in.count(sizeof(std::uint32_t));
  for (std::size_t i = 0; i < instances; ++i) {
    fleet.instances.push_back(std::make_shared<const InstanceRecord>(read_instance(in, now)));
  }
  if (in.format() >= kDrainFormat) {
    const std::size_t places = in.count(sizeof(std::uint32_t));
    for (std::size_t i = 0; i < places; ++i) fleet.queue.push_back(read_place(in, now));
    if (in.flag()) {
      domain::DrainFreeze& freeze = fleet.freeze.emplace();
      freeze.message = in.text();
      freeze.until = read_moment(in, now);
    }
  }
  if (!in.complete()) return std::nullopt;
  return fleet;
}

std::string encode(const domain::Event& event, Now now) {
  ByteWriter out(kFormat);
  if (const auto* of_session = std::get_if<domain::SessionEvent>(&event)) {
    out.number(Subject::kSession)
        .number(of_session->type)
        .number(millis(of_session->time))
        .text(of_session->user_id.view());
    write(out, of_session->session);
  } else {
    const auto& of_instance = std::get<domain::InstanceEvent>(event);
    out.number(Subject::kInstance).number(of_instance.type).number(millis(of_instance.time));
    write(out, *of_instance.instance, now);
  }
  return std::move(out).finish();
}

std::optional<domain::Event> decode_event(std::string_view bytes, Now now) {
  ByteReader in(bytes, kFormat);
  domain::Event event;
  if (in.number<Subject>() == Subject::kSession) {
    domain::SessionEvent of_session;
    of_session.type = in.number<domain::EventType>();
    of_session.time = read_wall(in);
    of_session.user_id = Text(in.text());
    of_session.session = read_session(in);
    event = std::move(of_session);
  } else {
    domain::InstanceEvent of_instance;
    of_instance.type = in.number<domain::InstanceEventType>();
    of_instance.time = read_wall(in);
    of_instance.instance = std::make_shared<const InstanceRecord>(read_instance(in, now));
    event = std::move(of_instance);
  }
  if (!in.complete()) return std::nullopt;
  return event;
}

}  // namespace weir::control::store
