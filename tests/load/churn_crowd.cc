#include "tests/load/churn_crowd.h"

#include <functional>
#include <utility>
#include <variant>

#include "media_svc/flv/tag.h"
#include "tests/load/client_connection.h"

namespace weir::load {
namespace {

namespace rtmp = media::rtmp;
namespace flv = media::flv;

// A server that answers nobody would otherwise collect all descriptors of this process.
constexpr std::size_t kOpenMax = 2000;

bool is_frame(const rtmp::Message& message) {
  if (message.type != rtmp::MessageType::kVideo) return false;
  const flv::TagRole role = flv::classify(flv::TagType::kVideo, message.payload).role;
  return role == flv::TagRole::kMedia || role == flv::TagRole::kKeyframe;
}

}  // namespace

// One connection, from connect to close.
class ChurnCrowd::Visitor {
 public:
  Visitor(ChurnCrowd& crowd, std::uint64_t id)
      : crowd_(crowd),
        id_(id),
        publishes_(crowd.stage_.options.churn.role == Churn::Role::kPublish),
        asked_(std::chrono::steady_clock::now()),
        connection_(crowd.stage_.loop, crowd.stage_.address, session(),
                    {.on_event = [this](const rtmp::ClientEvent& event) { on_event(event); },
                     .on_closed = [this](ClientConnection::End how) { on_closed(how); }},
                    crowd.stage_.meter) {}

  void leave() { connection_.stop(); }

 private:
  std::optional<rtmp::ClientSession::Options> session() {
    using Role = rtmp::ClientSession::Role;
    // Numbers above those of the streams that stay.
    const std::uint64_t own = crowd_.stage_.options.stream_count() + id_;
    return crowd_.stage_.new_session(publishes_ ? Role::kPublish : Role::kPlay,
                                     publishes_ ? own : 0);
  }

  void on_event(const rtmp::ClientEvent& event) {
    Meter& meter = crowd_.stage_.meter;
    const auto took = std::chrono::steady_clock::now() - asked_;
    if (std::holds_alternative<rtmp::ClientStarted>(event)) {
      (publishes_ ? meter.publish_start : meter.play_start).record(took);
      if (publishes_) stay();
    } else if (const auto* media = std::get_if<rtmp::ClientMedia>(&event)) {
      if (staying_ || !is_frame(media->message)) return;
      meter.first_frame.record(took);
      stay();
    }
  }

  void on_closed(ClientConnection::End how) {
    if (how == ClientConnection::End::kStopped) ++crowd_.stage_.meter.window.churned;
    crowd_.forget(id_);
  }

  void stay() {
    staying_ = true;
    const Duration time = crowd_.stage_.options.churn.stay;
    if (time == Duration::zero()) return leave();
    crowd_.stage_.loop.at(std::chrono::steady_clock::now() + time, [&crowd = crowd_, id = id_] {
      const auto found = crowd.visitors_.find(id);
      if (found != crowd.visitors_.end()) found->second->leave();
    });
  }

  ChurnCrowd& crowd_;
  std::uint64_t id_;
  bool publishes_;
  bool staying_ = false;
  Time asked_;
  ClientConnection connection_;
};

ChurnCrowd::ChurnCrowd(Stage& stage) : stage_(stage) {}
ChurnCrowd::~ChurnCrowd() = default;

void ChurnCrowd::start() {
  if (stage_.options.churn.a_second <= 0) return;
  running_ = true;
  began_ = std::chrono::steady_clock::now();
  admit_due();
}

void ChurnCrowd::admit_due() {
  if (!running_) return;
  const auto due = [this](std::uint64_t number) {
    const std::chrono::duration<double> after(static_cast<double>(number) /
                                              stage_.options.churn.a_second);
    return began_ + std::chrono::duration_cast<Time::duration>(after);
  };
  const Time now = std::chrono::steady_clock::now();
  while (due(admitted_) <= now && visitors_.size() < kOpenMax) {
    const std::uint64_t id = admitted_++;
    visitors_.emplace(id, std::make_unique<Visitor>(*this, id));
  }
  stage_.loop.at(std::max(due(admitted_), now + std::chrono::milliseconds(1)),
                 [this] { admit_due(); });
}

void ChurnCrowd::forget(std::uint64_t id) {
  stage_.loop.defer([this, id] { visitors_.erase(id); });
}

}  // namespace weir::load
