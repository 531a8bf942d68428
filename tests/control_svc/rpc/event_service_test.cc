#include "control_svc/rpc/event_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

using namespace weir::v1;
using grpc::StatusCode;
using testing::ElementsAre;

class EventServiceTest : public ControlTest {
 protected:
  // One watch, as a client holds it.
  class Watch {
   public:
    Watch(weir::v1::EventService::Stub& stub, const WatchEventsRequest& request)
        : stream_(stub.WatchEvents(&context_, request)) {}
    ~Watch() { context_.TryCancel(); }

    // Returns once the watch stands, or was refused.
    void stand() { stream_->WaitForInitialMetadata(); }

    // Whether there is another event.
    bool reads() {
      WatchEventsResponse response;
      return stream_->Read(&response);
    }
    Event next() {
      WatchEventsResponse response;
      EXPECT_TRUE(stream_->Read(&response));
      return response.event();
    }
    std::vector<std::string> types(int count) {
      std::vector<std::string> all;
      all.reserve(static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) all.push_back(next().type());
      return all;
    }
    grpc::Status end() {
      WatchEventsResponse response;
      while (stream_->Read(&response)) {
      }
      return stream_->Finish();
    }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<WatchEventsResponse>> stream_;
  };

  std::unique_ptr<Watch> watch(const WatchEventsRequest& request = {}) {
    auto made = std::make_unique<Watch>(*events_, request);
    made->stand();
    return made;
  }

  void release(const Session& session) {
    ReleaseSessionRequest request;
    request.set_session_id(session.session_id());
    EXPECT_TRUE(call(&Sessions::Stub::ReleaseSession, request).first.ok());
  }
};

TEST_F(EventServiceTest, TellsWhatHappensAfterItStandsInOrder) {
  admitted("before", "live/1");
  const auto watching = watch();
  const Session session = admitted("alice", "live/1");
  touch(session);
  release(session);
  const Event admission = watching->next();
  EXPECT_EQ(admission.type(), "weir.session.admitted");
  EXPECT_EQ(admission.session().session_id(), session.session_id());
  EXPECT_EQ(admission.session().user_id(), "alice");
  EXPECT_FALSE(admission.id().empty());
  EXPECT_FALSE(admission.source().empty());
  EXPECT_TRUE(admission.has_time());
  EXPECT_THAT(watching->types(2), ElementsAre("weir.session.started", "weir.session.released"));
}

TEST_F(EventServiceTest, FiltersMustAllMatch) {
  WatchEventsRequest request;
  request.add_types("weir.session.rel");
  request.add_types("weir.instance.");
  request.set_user_id("alice");
  request.set_stream_id("live/2");
  const auto watching = watch(request);
  release(admitted("bob", "live/2"));
  release(admitted("alice", "live/1"));
  const Session wanted = admitted("alice", "live/2");
  release(wanted);
  const Event event = watching->next();
  EXPECT_EQ(event.type(), "weir.session.released");
  EXPECT_EQ(event.session().session_id(), wanted.session_id());
}

// A mistake in a name would wait for ever.
TEST_F(EventServiceTest, OnlyTypesThatThereAreCanBeWaitedFor) {
  for (const char* unknown : {"", "session", "weir.session.ended", "weir.session.admitted."}) {
    WatchEventsRequest request;
    request.add_types("weir.instance.stopped");
    request.add_types(unknown);
    EXPECT_EQ(reason_of(Watch(*events_, request).end()), "INVALID_FIELD") << unknown;
  }
}

TEST_F(EventServiceTest, AnInstancesEventsAreItsOwnAndItsSessions) {
  WatchEventsRequest request;
  request.set_instance_id("media-1");
  const auto watching = watch(request);
  for (const char* id : {"media-2", "media-1"}) {
    domain::InstanceHello hello;
    hello.instance_id = id;
    hello.incarnation = "first";
    fleet_.take_in(hello, clock_.now(), [](const auto& outcome) { ASSERT_TRUE(outcome); });
    auto from_media = admission("alice", "live/1");
    from_media.set_instance_id(id);
    from_media.set_incarnation("first");
    ASSERT_TRUE(admit(from_media).first.ok());
  }
  const Event taken_in = watching->next();
  EXPECT_EQ(taken_in.type(), "weir.instance.starting");
  EXPECT_EQ(taken_in.instance().instance_id(), "media-1");
  const Event served = watching->next();
  EXPECT_EQ(served.type(), "weir.session.admitted");
  EXPECT_EQ(served.session().instance_id(), "media-1");
}

TEST_F(EventServiceTest, ATokenGoesOnWhereItWasGiven) {
  auto first = watch();
  const Session session = admitted("alice", "live/1");
  const std::string token = first->next().resume_token();
  first.reset();
  release(session);
  WatchEventsRequest request;
  request.set_resume_token(token);
  EXPECT_EQ(watch(request)->next().type(), "weir.session.released");
  request.set_resume_token("0");
  EXPECT_EQ(watch(request)->next().type(), "weir.session.admitted");
}

TEST_F(EventServiceTest, ATokenThatIsNotKeptIsOutOfRange) {
  WatchEventsRequest request;
  request.set_resume_token("made up");
  const grpc::Status status = Watch(*events_, request).end();
  EXPECT_EQ(status.error_code(), StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(reason_of(status), "RESUME_TOKEN_EXPIRED");
}

TEST_F(EventServiceTest, BadFiltersAreNamed) {
  WatchEventsRequest request;
  request.set_stream_id("no slash");
  EXPECT_EQ(reason_of(Watch(*events_, request).end()), "INVALID_FIELD");
}

TEST_F(EventServiceTest, AWatcherThatDoesNotReadIsOvertakenAndHoldsUpNobody) {
  const auto slow = watch();
  const auto quick = watch();
  // 32 MB: far more than the history keeps and the connection buffers.
  const std::string text(4000, 'x');
  for (int i = 0; i < 2000; ++i) {
    auto request = admission("user-" + std::to_string(i), "live/1");
    request.mutable_client()->set_address(text);
    request.mutable_client()->set_protocol(text);
    request.mutable_client()->set_user_agent(text);
    request.mutable_client()->set_device(text);
    ASSERT_TRUE(admit(request).first.ok());
    ASSERT_EQ(quick->next().type(), "weir.session.admitted");
  }
  const grpc::Status status = slow->end();
  EXPECT_EQ(status.error_code(), StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(reason_of(status), "RESUME_TOKEN_EXPIRED");
}

TEST_F(EventServiceTest, AWatchBeginsWhileEventsHappen) {
  // Fewer for each watch than the history keeps: none can be overtaken.
  constexpr int kEventsAWatch = 400;
  std::atomic<int> left{0};
  std::atomic<bool> stopping{false};
  std::thread busy([&] {
    while (!stopping) {
      if (left == 0) {
        std::this_thread::yield();
        continue;
      }
      --left;
      history_.append({domain::SessionEvent{}});
    }
  });
  for (int i = 0; i < 200; ++i) {
    left = kEventsAWatch;
    const auto watching = watch();
    history_.append({domain::SessionEvent{}});
    EXPECT_TRUE(watching->reads()) << i;
  }
  stopping = true;
  busy.join();
}

TEST_F(EventServiceTest, StoppingEndsWatches) {
  const auto watching = watch();
  event_service_.close_all();
  EXPECT_EQ(watching->end().error_code(), StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace weir::control::rpc
