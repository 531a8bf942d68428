// The link against a real gRPC server that comes and goes.
#include "media_svc/control_link/control_link.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <variant>
#include <vector>

#include "common/endpoint.h"
#include "common/grpc/status.h"
#include "tests/media_svc/control_link/scripted_control.h"

namespace weir::media::control_link {
namespace {

using boost::asio::ip::tcp;
using testing::ScriptedControl;
using Told = std::vector<std::string>;
using namespace std::chrono_literals;

// Stands before control, and lets the one connection that it takes through after a while.
class LateDoor {
 public:
  LateDoor(const std::string& target, std::chrono::milliseconds delay)
      : target_(*parse_endpoint(target)), delay_(delay), thread_([this] { open(); }) {}
  // Once the client has closed its connection, or if none has come.
  ~LateDoor() {
    boost::system::error_code ignored;
    std::ignore = tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  struct Way {
    tcp::socket& from;
    tcp::socket& to;
    std::array<char, 4096> bytes{};
  };

  void open() {
    tcp::socket client = acceptor_.accept();
    std::this_thread::sleep_for(delay_);
    tcp::socket control(io_);
    control.connect({boost::asio::ip::make_address(target_.host), target_.port});
    Way inward{client, control};
    Way outward{control, client};
    carry(inward);
    carry(outward);
    io_.run();
  }
  // Until either side is closed.
  static void carry(Way& way) {
    way.from.async_read_some(
        boost::asio::buffer(way.bytes), [&way](boost::system::error_code error, std::size_t count) {
          if (!error) boost::asio::write(way.to, boost::asio::buffer(way.bytes, count), error);
          if (!error) return carry(way);
          std::ignore = way.to.shutdown(tcp::socket::shutdown_both, error);
        });
  }

  const Endpoint target_;
  const std::chrono::milliseconds delay_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

class ControlLinkTest : public ::testing::Test {
 protected:
  explicit ControlLinkTest(const AttachPauses& pauses = {
                               .soon = 10ms, .starting = 10ms, .fleet = 50ms}) {
    open_link(pauses, control_.target());
  }
  void open_link(const AttachPauses& pauses, const std::string& target) {
    link_ = std::make_unique<ControlLink>(
        LinkOptions{.target = target,
                    .instance_id = "m1",
                    .version = "1",
                    .route = {},
                    .admission_timeout = 5s,
                    .pauses = pauses},
        LinkEvents{.order = [this](const Order& order) { ordered_.set_value(order); },
                   .connected_changed = [this](bool connected) { lost_ += connected ? 0 : 1; },
                   .call_done =
                       [this](std::string_view method, std::string_view) {
                         if (method == "Attach") ++lines_ended_;
                       },
                   .status = [] { return InstanceStatus{}; }});
    link_->start();
  }

  AdmissionOutcome admit(const AdmissionRequest& request = {}) {
    auto outcome = std::make_shared<std::promise<AdmissionOutcome>>();
    link_->admit(request,
                 [outcome](AdmissionOutcome answer) { outcome->set_value(std::move(answer)); });
    return outcome->get_future().get();
  }
  bool wait_attached(int times) {
    return control_.wait([times](const auto& seen) {
      return seen.attached >= times && seen.held_complete && seen.reports > 0;
    });
  }

  ShutdownAnswer ask(const ShutdownRequest& request) {
    auto answer = std::make_shared<std::promise<ShutdownAnswer>>();
    link_->request_shutdown(
        request, [answer](ShutdownAnswer heard) { answer->set_value(std::move(heard)); });
    return answer->get_future().get();
  }
  std::optional<StreamPlace> find(const std::string& stream_id) {
    auto place = std::make_shared<std::promise<std::optional<StreamPlace>>>();
    link_->find_stream(stream_id, [place](std::optional<StreamPlace> found) {
      place->set_value(std::move(found));
    });
    return place->get_future().get();
  }
  // At most 30 s.
  template <class Condition>
  static bool wait_until(Condition condition) {
    for (int i = 0; i < 6'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }
  bool wait_left() {
    return wait_until([this] { return link_->left(); });
  }

  ScriptedControl control_;
  std::promise<Order> ordered_;
  // Attempts that failed included.
  std::atomic<int> lines_ended_ = 0;
  // How often the link has said that the line is lost.
  std::atomic<int> lost_ = 0;
  std::unique_ptr<ControlLink> link_;
};

// No test outlives a pause of the fleet's.
class LinkWithoutFleetTest : public ControlLinkTest {
 protected:
  LinkWithoutFleetTest() : ControlLinkTest({.soon = 10ms, .starting = 10ms, .fleet = 24h}) {}
};

// Nor the one before an answer; only the first attempt has none before it.
class LinkOfAFleetTest : public ControlLinkTest {
 protected:
  LinkOfAFleetTest() : ControlLinkTest({.soon = 10ms, .starting = 24h, .fleet = 10ms}) {}
};

TEST_F(ControlLinkTest, AttachesAndIsAdmittedUnderItsOwnName) {
  ASSERT_TRUE(wait_attached(1));
  const auto outcome = admit({.kind = SessionKind::kPublish,
                              .stream_id = "live/a",
                              .user_id = "ann",
                              .credential = "secret",
                              .resume_session_id = {},
                              .client_address = "192.0.2.1",
                              .client_protocol = "rtmp",
                              .user_agent = {}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->session_id, "session-1");
  EXPECT_EQ(outcome->epoch, 1);
  EXPECT_EQ(outcome->touch_interval, 1s);
  const auto seen = control_.seen();
  EXPECT_EQ(seen.admissions.at(0).instance_id(), "m1");
  EXPECT_EQ(seen.admissions.at(0).incarnation(), seen.hellos.at(0).incarnation());
  EXPECT_EQ(seen.admissions.at(0).credential(), "secret");
}

TEST_F(ControlLinkTest, OnlyWhatBreaksIsLost) {
  ASSERT_TRUE(wait_attached(1));
  ASSERT_TRUE(wait_until([this] { return link_->connected(); }));
  control_.stop();
  ASSERT_TRUE(wait_until([this] { return lost_ == 1; }));
  control_.restart();
  ASSERT_TRUE(wait_until([this] { return link_->connected(); }));
  link_->leave();
  ASSERT_TRUE(wait_left());
  link_->stop();
  EXPECT_EQ(lost_, 1);
}

TEST_F(ControlLinkTest, WhatIsStoppedIsNotLost) {
  ASSERT_TRUE(wait_until([this] { return link_->connected(); }));
  link_->stop();
  EXPECT_EQ(lost_, 0);
}

TEST_F(ControlLinkTest, ARefusalCarriesReasonAndRetryTime) {
  control_.on_admit([](const auto&, auto&) {
    return wire::StatusBuilder(grpc::RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED", "3 of 3")
        .retry_after(7s)
        .build();
  });
  const auto outcome = admit();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, RefusalReason::kLimitReached);
  EXPECT_EQ(outcome.error().message, "3 of 3");
  EXPECT_EQ(outcome.error().retry_after, Duration{7s});
}

// Nobody is refused because control, or the network, is slow for a moment.
TEST_F(ControlLinkTest, WaitsForAConnectionThatTakesItsTime) {
  const LateDoor door(control_.target(), 300ms);
  open_link({.soon = 10ms, .starting = 10ms, .fleet = 50ms}, door.address());
  const auto outcome = admit();
  EXPECT_TRUE(outcome) << outcome.error().message;
  link_.reset();
}

TEST_F(ControlLinkTest, EventsOfAnAbsenceAreToldOnceItIsOver) {
  ASSERT_TRUE(wait_attached(1));
  const auto session = admit();
  ASSERT_TRUE(session);
  link_->report(key_of(*session), SessionReport::kStarted);
  ASSERT_TRUE(link_->flush(30s));

  control_.stop();
  link_->report(key_of(*session), SessionReport::kCompleted);
  link_->let_go(key_of(*session));
  const auto unreachable = admit();
  ASSERT_FALSE(unreachable);
  EXPECT_EQ(unreachable.error().reason, RefusalReason::kUnreachable);

  control_.restart();
  EXPECT_TRUE(link_->flush(30s));
  EXPECT_EQ(control_.seen().told(), (Told{"session-1 started", "session-1 completed"}));
  EXPECT_TRUE(control_.seen().held.empty());
}

TEST_F(ControlLinkTest, WhatControlDidNotTakeIsSentAgain) {
  control_.acknowledge_events(false);
  ASSERT_TRUE(wait_attached(1));
  const auto session = admit();
  ASSERT_TRUE(session);
  link_->report(key_of(*session), SessionReport::kStarted);
  ASSERT_TRUE(control_.wait([](const auto& seen) { return seen.events.size() == 1; }));
  control_.stop();
  control_.acknowledge_events(true);
  control_.restart();
  EXPECT_TRUE(link_->flush(30s));
  const auto seen = control_.seen();
  EXPECT_EQ(seen.events.size(), 2u);
  EXPECT_EQ(seen.told(), Told{"session-1 started"});
  ASSERT_EQ(seen.held.size(), 1u);
  EXPECT_EQ(seen.held[0].session_id(), "session-1");
}

TEST_F(ControlLinkTest, ControlsOrderToEndASessionArrives) {
  ASSERT_TRUE(wait_attached(1));
  const auto session = admit();
  ASSERT_TRUE(session);
  control_.end_session("session-1", 0, v1::END_REASON_EXPIRED);
  const auto order = std::get<EndOrder>(ordered_.get_future().get());
  EXPECT_EQ(order.session_id, "session-1");
  EXPECT_EQ(order.reason, "expired");
}

TEST_F(ControlLinkTest, AsksToShutDown) {
  control_.on_shutdown([](const auto& request, auto& response) {
    EXPECT_EQ(request.instance_id(), "m1");
    EXPECT_EQ(request.cause(), v1::SHUTDOWN_CAUSE_SIGTERM);
    EXPECT_EQ(request.time_left().seconds(), 60);
    response.mutable_grant()->set_drain_generation(4);
    response.mutable_grant()->mutable_grace_period()->set_seconds(10);
    response.mutable_grant()->mutable_deadline()->set_seconds(45);
    response.mutable_grant()->set_cause(request.cause());
    return grpc::Status::OK;
  });
  const auto grant = std::get<ShutdownGrant>(ask({ShutdownCause::kSigterm, 60s}));
  EXPECT_EQ(grant.generation, 4);
  EXPECT_EQ(grant.grace, 10s);
  EXPECT_EQ(grant.deadline, 45s);
  EXPECT_EQ(grant.cause, "sigterm");
}

TEST_F(ControlLinkTest, HearsWhyItMayNotShutDown) {
  control_.on_shutdown([](const auto& request, auto& response) {
    EXPECT_EQ(request.cause(), v1::SHUTDOWN_CAUSE_LIFETIME);
    EXPECT_FALSE(request.has_time_left());
    response.mutable_denial()->set_reason(v1::DENIAL_REASON_MIN_READY);
    response.mutable_denial()->mutable_retry_after()->set_seconds(30);
    response.mutable_denial()->set_queue_position(2);
    return grpc::Status::OK;
  });
  const auto denial = std::get<ShutdownDenial>(ask({ShutdownCause::kLifetime, 0s}));
  EXPECT_EQ(denial.reason, "min_ready");
  EXPECT_EQ(denial.retry_after, 30s);
  EXPECT_EQ(denial.queue_position, 2);
}

TEST_F(ControlLinkTest, AControlThatDoesNotAnswerIsNoAnswer) {
  control_.on_shutdown([](const auto&, auto&) { return grpc::Status(grpc::UNIMPLEMENTED, ""); });
  EXPECT_TRUE(std::holds_alternative<ShutdownUnanswered>(ask({})));
  control_.stop();
  EXPECT_TRUE(std::holds_alternative<ShutdownUnanswered>(ask({})));
}

// The last report is the last that control hears, and it hears it after everything else.
TEST_F(ControlLinkTest, LeavesOnceControlHasTakenEverything) {
  ASSERT_TRUE(wait_attached(1));
  const auto session = admit();
  ASSERT_TRUE(session);
  link_->report(key_of(*session), SessionReport::kStarted);
  link_->report(key_of(*session), SessionReport::kCompleted);
  link_->let_go(key_of(*session));
  EXPECT_FALSE(link_->left());
  link_->leave();
  EXPECT_TRUE(control_.wait([](const auto& seen) { return seen.half_closed; }));
  EXPECT_EQ(control_.seen().told(), (Told{"session-1 started", "session-1 completed"}));
  EXPECT_TRUE(wait_left());
  EXPECT_EQ(control_.seen().attached, 1);
}

TEST_F(ControlLinkTest, LeavingWaitsForAControlThatHasNotTakenEverything) {
  ASSERT_TRUE(wait_attached(1));
  const auto session = admit();
  ASSERT_TRUE(session);
  control_.stop();
  link_->report(key_of(*session), SessionReport::kInterrupted);
  link_->leave();
  EXPECT_FALSE(link_->left());
  control_.restart();
  EXPECT_TRUE(wait_left());
  EXPECT_EQ(control_.seen().told(), Told{"session-1 interrupted"});
}

TEST_F(LinkWithoutFleetTest, LeavingDoesNotWaitForTheFleet) {
  ASSERT_TRUE(wait_until([this] { return link_->connected(); }));
  const auto session = admit();
  ASSERT_TRUE(session);
  control_.stop();
  ASSERT_TRUE(wait_until([this] { return !link_->connected(); }));
  link_->report(key_of(*session), SessionReport::kInterrupted);
  const int ended = lines_ended_;
  link_->leave();
  ASSERT_TRUE(wait_until([&] { return lines_ended_ > ended; })) << "it tries at once";
  control_.restart();
  EXPECT_TRUE(wait_left()) << "and again";
  EXPECT_EQ(control_.seen().told(), Told{"session-1 interrupted"});
}

TEST_F(ControlLinkTest, LeavesAtOnceWhereNothingIsToBeTold) {
  ASSERT_TRUE(wait_attached(1));
  control_.stop();
  link_->leave();
  EXPECT_TRUE(wait_left());
}

TEST_F(ControlLinkTest, StaysIntroducedWhileControlIsAway) {
  ASSERT_TRUE(wait_until([this] { return link_->introduced(); }));
  control_.stop();
  ASSERT_TRUE(wait_until([this] { return !link_->connected(); }));
  EXPECT_TRUE(link_->introduced());
}

TEST_F(LinkOfAFleetTest, ComesBackWithItOnceControlHasAnswered) {
  ASSERT_TRUE(wait_until([this] { return link_->connected(); }));
  control_.stop();
  ASSERT_TRUE(wait_until([this] { return !link_->connected(); }));
  control_.restart();
  EXPECT_TRUE(wait_until([this] { return link_->connected(); }));
}

TEST_F(LinkWithoutFleetTest, AttachesAgainWhenControlAsks) {
  ASSERT_TRUE(wait_attached(1));
  v1::AttachResponse response;
  response.mutable_reattach()->mutable_within()->set_nanos(1'000'000);
  control_.send(response);
  EXPECT_TRUE(wait_attached(2));
}

TEST_F(LinkWithoutFleetTest, WhatIsTakenUpByItselfIsAssertedInANewHello) {
  ASSERT_TRUE(wait_attached(1));
  Session earlier;
  earlier.session_id = "earlier";
  earlier.user_id = "ann";
  earlier.epoch = 4;
  link_->take_up(earlier, AdmissionRequest{});
  ASSERT_TRUE(control_.wait([](const auto& seen) {
    return seen.attached >= 2 && seen.held_complete && seen.held.size() == 1;
  }));
  const v1::HeldSession held = control_.seen().held.at(0);
  EXPECT_EQ(held.session_id(), "earlier");
  EXPECT_EQ(held.epoch(), 4);
  EXPECT_EQ(held.admission().user_id(), "ann");
}

TEST_F(ControlLinkTest, ASessionNobodyWantsIsGivenBack) {
  ASSERT_TRUE(wait_attached(1));
  const auto session = admit();
  ASSERT_TRUE(session);
  link_->give_back(key_of(*session));
  EXPECT_TRUE(link_->flush(30s));
  EXPECT_EQ(control_.seen().released, Told{"session-1"});
}

TEST_F(ControlLinkTest, FindsAStreamUnderItsOwnName) {
  ASSERT_TRUE(wait_attached(1));
  control_.on_find([](const v1::GetStreamRequest&, v1::GetStreamResponse& response) {
    response.mutable_stream()->mutable_route()->set_relay_url("rtmp://other:1935");
    response.mutable_stream()->set_epoch(7);
    response.set_relay_token("token");
    return grpc::Status::OK;
  });
  const auto place = find("live/a");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->route.relay_url, "rtmp://other:1935");
  EXPECT_EQ(place->epoch, 7);
  EXPECT_EQ(place->relay_token, "token");
  const v1::GetStreamRequest asked = control_.seen().searches.at(0);
  EXPECT_EQ(asked.stream_id(), "live/a");
  EXPECT_EQ(asked.instance_id(), "m1");
  EXPECT_EQ(asked.incarnation(), control_.seen().hellos.at(0).incarnation());
}

TEST_F(ControlLinkTest, AStreamIsNowhereWhereControlDoesNotSayWhere) {
  EXPECT_FALSE(find("live/nobody"));
  control_.stop();
  EXPECT_FALSE(find("live/a"));
  link_->stop();
  EXPECT_FALSE(find("live/a"));
}

// Whoever asked hears something, whatever happens to the link.
TEST_F(ControlLinkTest, StoppingAnswersWhatIsAsked) {
  control_.hold_admissions();
  std::promise<AdmissionOutcome> outcome;
  link_->admit({}, [&](AdmissionOutcome answer) { outcome.set_value(std::move(answer)); });
  ASSERT_TRUE(control_.wait([](const auto& seen) { return seen.admissions.size() == 1; }));
  link_->stop();
  EXPECT_FALSE(outcome.get_future().get());
}

TEST_F(ControlLinkTest, StoppedItRefusesWhatIsAsked) {
  link_->stop();
  EXPECT_FALSE(admit());
}

// More than the link's thread takes at a time.
TEST_F(ControlLinkTest, StoppingAnswersWhatWasNotSentYet) {
  std::atomic<int> answers = 0;
  constexpr int kAsked = 100;
  for (int i = 0; i < kAsked; ++i) {
    link_->admit({}, [&](const AdmissionOutcome&) { ++answers; });
    link_->find_stream("live/a", [&](const std::optional<StreamPlace>&) { ++answers; });
  }
  link_->stop();
  EXPECT_EQ(answers, 2 * kAsked);
}

}  // namespace
}  // namespace weir::media::control_link
