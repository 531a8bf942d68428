// Attach under messages that no media instance should send, in orders in which none should.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/control_svc/rpc/attach_fixture.h"
#include "tests/control_svc/rpc/named_fields.h"
#include "tests/control_svc/rpc/request_mutations.h"

namespace weir::control::rpc {
namespace {

using namespace weir::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using grpc::StatusCode;

class AttachBadInputTest : public ControlTest {
 protected:
  static constexpr const char* kInstance = "media-9";

  FieldValues good_values() {
    return {{"session_id", domain::SessionId(domain::bucket_of("mallory"), 9, 9).str()},
            {"user_id", "mallory"},
            {"stream_id", "live/bad"},
            {"instance_id", kInstance},
            {"incarnation", "first"},
            {"kind", "SESSION_KIND_PLAY"}};
  }

  // The messages that an instance may send, as fields of the one that carries them.
  static std::vector<const FieldDescriptor*> parts() {
    const auto& oneof = *AttachRequest::descriptor()->FindOneofByName("message");
    std::vector<const FieldDescriptor*> all;
    for (int i = 0; i < oneof.field_count(); ++i) all.push_back(oneof.field(i));
    return all;
  }

  static AttachRequest carrying(const FieldDescriptor& part, const Message& content) {
    AttachRequest request;
    AttachRequest::GetReflection()->MutableMessage(&request, &part)->CopyFrom(content);
    return request;
  }

  std::unique_ptr<AttachedInstance> connect() {
    return std::make_unique<AttachedInstance>(*instances_, kInstance, "first");
  }

  // Brought to where the part is due.
  std::unique_ptr<AttachedInstance> waiting_for(const FieldDescriptor& part) {
    auto instance = connect();
    if (part.name() == "hello") return instance;
    instance->hello();
    if (part.name() != "held") instance->held();
    return instance;
  }

  void check_unharmed(const Session& kept) {
    EXPECT_TRUE(touch(kept).first.ok());
    ListSessionsRequest request;
    request.set_user_id("mallory");
    EXPECT_LE(call(&Sessions::Stub::ListSessions, request).second.sessions_size(), 1);
    const auto instance = connect();
    instance->hello();
    const auto welcome = instance->next();
    EXPECT_TRUE(welcome && welcome->has_welcome()) << "an honest instance is still welcome";
  }
};

TEST_F(AttachBadInputTest, EachWrongFieldEndsTheStreamByName) {
  const Session kept = admitted("alice", "live/good");
  const FieldValues values = good_values();
  for (const FieldDescriptor* part : parts()) {
    const auto good = good_message(*part->message_type(), values);
    if (auto* event = dynamic_cast<SessionEvent*>(good.get())) {
      event->set_sequence(1);
      event->set_kind(SESSION_EVENT_KIND_STARTED);
    }
    for (const Mutation& mutation : mutations_of(*part->message_type(), values)) {
      if (!mutation.has_to_be_refused) continue;
      SCOPED_TRACE(part->name() + ": " + mutation.field + ": " + mutation.what);
      const std::unique_ptr<Message> bad(good->New());
      bad->CopyFrom(*good);
      mutation.apply(*bad);
      const auto instance = waiting_for(*part);
      instance->write(carrying(*part, *bad));
      const grpc::Status status = instance->status();
      EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << status.error_message();
      EXPECT_TRUE(names_field(status, mutation.field)) << status.error_message();
    }
  }
  check_unharmed(kept);
}

TEST_F(AttachBadInputTest, NothingComesOutOfOrder) {
  const Session kept = admitted("alice", "live/good");
  const FieldValues values = good_values();
  const auto says = [&](const std::vector<std::string>& names) {
    const auto instance = connect();
    for (const std::string& name : names) {
      const auto* part = AttachRequest::descriptor()->FindFieldByName(name);
      const auto content = good_message(*part->message_type(), values);
      if (auto* held = dynamic_cast<HeldSessions*>(content.get())) held->set_last(true);
      instance->write(carrying(*part, *content));
    }
    return instance->status();
  };
  const std::vector<std::vector<std::string>> orders = {
      {"held"},
      {"report"},
      {"event"},
      {"touches"},
      {"hello", "hello"},
      {"hello", "report"},
      {"hello", "event"},
      {"hello", "touches"},
      {"hello", "held", "held"},
      {"hello", "held", "hello"},
      {"hello", "held", "report", "hello"},
  };
  for (const auto& order : orders) {
    const grpc::Status status = says(order);
    EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION)
        << testing::PrintToString(order);
    EXPECT_EQ(reason_of(status), "INVALID_STATE");
  }
  const auto silent = connect();
  silent->write({});
  EXPECT_EQ(reason_of(silent->status()), "INVALID_STATE") << "a message without content";
  check_unharmed(kept);
}

TEST_F(AttachBadInputTest, BytesThatAreNoMessageAreRefused) {
  const Session kept = admitted("alice", "live/good");
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto next = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto stream = stub.PrepareCall(&context, "/weir.v1.InstanceService/Attach", &queue);
  stream->StartCall(nullptr);
  ASSERT_TRUE(next());
  const grpc::Slice no_message(std::string("\x2a\x7f", 2));
  stream->Write(grpc::ByteBuffer(&no_message, 1), nullptr);
  ASSERT_TRUE(next());
  grpc::Status status;
  stream->Finish(&status, nullptr);
  ASSERT_TRUE(next());
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_EQ(reason_of(status), "INVALID_FIELD");
  check_unharmed(kept);
}

// Whatever comes in whatever order, the stream goes on or ends; control serves the others.
TEST_F(AttachBadInputTest, ManyWrongMessagesHarmNothing) {
  const Session kept = admitted("alice", "live/good");
  const FieldValues values = good_values();
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    const auto instance = connect();
    if (random() % 4 != 0) instance->hello();
    if (random() % 4 != 0) instance->held();
    for (int i = 0; i < 5; ++i) {
      const FieldDescriptor& part = *parts()[random() % parts().size()];
      const auto content = good_message(*part.message_type(), values);
      const auto mutations = mutations_of(*part.message_type(), values);
      if (random() % 2 == 0) mutations[random() % mutations.size()].apply(*content);
      instance->write(carrying(part, *content));
    }
    instance->done();
    const StatusCode code = instance->status().error_code();
    EXPECT_TRUE(code == StatusCode::OK || code == StatusCode::INVALID_ARGUMENT ||
                code == StatusCode::FAILED_PRECONDITION || code == StatusCode::ABORTED)
        << code;
  }
  check_unharmed(kept);
}

}  // namespace
}  // namespace weir::control::rpc
