// Every unary RPC and WatchEvents under requests that nobody should send.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <future>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/control_svc/rpc/control_fixture.h"
#include "tests/control_svc/rpc/named_fields.h"
#include "tests/control_svc/rpc/request_mutations.h"

namespace weir::control::rpc {
namespace {

using namespace weir::v1;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using grpc::StatusCode;

// What a caller may hear of a bad request; INTERNAL and UNKNOWN would be our own fault.
const std::set<StatusCode> kFairAnswers = {
    StatusCode::OK,          StatusCode::INVALID_ARGUMENT,    StatusCode::NOT_FOUND,
    StatusCode::ABORTED,     StatusCode::FAILED_PRECONDITION, StatusCode::ALREADY_EXISTS,
    StatusCode::UNAVAILABLE, StatusCode::RESOURCE_EXHAUSTED,  StatusCode::OUT_OF_RANGE};

class BadInputTest : public ControlTest {
 protected:
  static std::vector<const MethodDescriptor*> methods() {
    std::vector<const MethodDescriptor*> all;
    for (const char* name :
         {"SessionService", "InstanceService", "StreamService", "EventService"}) {
      const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          std::string("weir.v1.") + name);
      for (int i = 0; i < service->method_count(); ++i) all.push_back(service->method(i));
    }
    return all;
  }
  static std::vector<const MethodDescriptor*> unary_methods() {
    auto all = methods();
    std::erase_if(all, [](const MethodDescriptor* method) {
      return method->client_streaming() || method->server_streaming();
    });
    return all;
  }

  // Of a session of mallory's, whose requests are the bad ones.
  FieldValues good_values() {
    if (bad_session_.empty()) bad_session_ = admitted("mallory", "live/bad").session_id();
    return {{"session_id", bad_session_},        {"user_id", "mallory"},
            {"stream_id", "live/bad"},           {"kind", "SESSION_KIND_PLAY"},
            {"instance_id", "media-9"},          {"incarnation", "first"},
            {"cause", "SHUTDOWN_CAUSE_LIFETIME"}};
  }

  grpc::Status send(const MethodDescriptor& method, const std::string& bytes) {
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    std::promise<grpc::Status> done;
    raw_stub_.UnaryCall(&context, "/" + method.service()->full_name() + "/" + method.name(), {},
                        &request, &response,
                        [&done](grpc::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  }

  // Nothing but a fair answer; what has to be refused is refused by name, and changes nothing.
  void check(const MethodDescriptor& method, const Message& request, const Mutation* mutation) {
    const auto events = history_.next();
    const grpc::Status status = send(method, request.SerializeAsString());
    if (status.error_code() == StatusCode::UNIMPLEMENTED) return;
    EXPECT_TRUE(kFairAnswers.contains(status.error_code()))
        << status.error_code() << " " << status.error_message();
    if (!status.ok()) EXPECT_NE(reason_of(status), "");
    if (status.error_code() == StatusCode::INVALID_ARGUMENT) EXPECT_EQ(history_.next(), events);
    if (mutation == nullptr || !mutation->has_to_be_refused) return;
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_TRUE(names_field(status, mutation->field)) << status.error_message();
  }

  void check_unharmed(const Session& kept) {
    EXPECT_TRUE(touch(kept).first.ok());
    ListSessionsRequest request;
    request.set_user_id("alice");
    EXPECT_EQ(call(&Sessions::Stub::ListSessions, request).second.sessions_size(), 1);
    request.set_user_id("mallory");
    EXPECT_LE(call(&Sessions::Stub::ListSessions, request).second.sessions_size(), 6);
  }

  grpc::GenericStub raw_stub_{channel_};
  std::string bad_session_;
};

TEST_F(BadInputTest, EachWrongFieldIsRefusedByName) {
  const Session kept = admitted("alice", "live/good");
  int tried = 0;
  for (const MethodDescriptor* method : unary_methods()) {
    const FieldValues values = good_values();
    const auto good = good_message(*method->input_type(), values);
    for (const Mutation& mutation : mutations_of(*method->input_type(), values)) {
      SCOPED_TRACE(method->name() + ": " + mutation.field + ": " + mutation.what);
      const std::unique_ptr<Message> bad(good->New());
      bad->CopyFrom(*good);
      mutation.apply(*bad);
      check(*method, *bad, &mutation);
      ++tried;
    }
  }
  EXPECT_GT(tried, 200);
  check_unharmed(kept);
}

TEST_F(BadInputTest, ManyWrongFieldsAtOnceHarmNothing) {
  const Session kept = admitted("alice", "live/good");
  const FieldValues values = good_values();
  std::mt19937 random(1);
  for (const MethodDescriptor* method : unary_methods()) {
    const auto good = good_message(*method->input_type(), values);
    const auto mutations = mutations_of(*method->input_type(), values);
    if (mutations.empty()) continue;
    for (int round = 0; round < 50; ++round) {
      const std::unique_ptr<Message> bad(good->New());
      bad->CopyFrom(*good);
      std::string trace = method->name();
      for (int i = 0; i < 3; ++i) {
        const Mutation& mutation = mutations[random() % mutations.size()];
        mutation.apply(*bad);
        trace += " " + mutation.field + ": " + mutation.what;
      }
      SCOPED_TRACE(trace);
      check(*method, *bad, nullptr);
    }
  }
  check_unharmed(kept);
}

// What is no message of the method's type never reaches a service: gRPC answers it.
TEST_F(BadInputTest, BytesThatAreNoRequestAreRefused) {
  const Session kept = admitted("alice", "live/good");
  std::mt19937 random(1);
  for (const MethodDescriptor* method : unary_methods()) {
    SCOPED_TRACE(method->name());
    const std::string good =
        good_message(*method->input_type(), good_values())->SerializeAsString();
    for (int round = 0; round < 20; ++round) {
      std::string bytes = good.empty() ? "x" : good;
      for (int i = 0; i < 4; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
      const StatusCode code = send(*method, bytes).error_code();
      EXPECT_TRUE(kFairAnswers.contains(code) || code == StatusCode::UNIMPLEMENTED) << code;
    }
  }
  check_unharmed(kept);
}

// What it cannot decode gRPC 1.51 answers with UNIMPLEMENTED, where the service has callbacks.
TEST_F(BadInputTest, TextThatIsNotUtf8IsRefused) {
  const MethodDescriptor& method = *unary_methods().front();
  ASSERT_EQ(method.name(), "AdmitSession");
  std::string bytes = admission("alice", "live/1").SerializeAsString();
  bytes[bytes.find("alice")] = '\xff';
  EXPECT_EQ(send(method, bytes).error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(history_.next(), history_.oldest());
}

TEST_F(BadInputTest, ARequestBeyondTheSizeLimitIsRefused) {
  const std::string huge(wire::ServerSettings().max_request_bytes + 1, 'x');
  for (const MethodDescriptor* method : unary_methods()) {
    const StatusCode code = send(*method, huge).error_code();
    EXPECT_TRUE(code == StatusCode::RESOURCE_EXHAUSTED || code == StatusCode::UNIMPLEMENTED)
        << method->name() << " " << code;
  }
}

TEST_F(BadInputTest, AWatchWithAWrongFilterIsRefusedByName) {
  const FieldValues values = good_values();
  for (const Mutation& mutation : mutations_of(*WatchEventsRequest::descriptor(), values)) {
    SCOPED_TRACE(mutation.field + ": " + mutation.what);
    WatchEventsRequest request;
    mutation.apply(request);
    grpc::ClientContext context;
    const auto stream = events_->WatchEvents(&context, request);
    stream->WaitForInitialMetadata();
    if (!mutation.has_to_be_refused) context.TryCancel();
    WatchEventsResponse response;
    while (stream->Read(&response)) {
    }
    const grpc::Status status = stream->Finish();
    if (!mutation.has_to_be_refused) continue;
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_TRUE(names_field(status, mutation.field)) << status.error_message();
  }
}

TEST_F(BadInputTest, AbsurdPageTokensAndResumeTokensAreRefused) {
  const std::string tokens[] = {"0",
                                "-1",
                                "ffffffffffffffffffff",
                                std::string(4096, '0'),
                                "é",
                                "00000000000000000000000000",
                                "AAAA====",
                                "%00"};
  for (const std::string& token : tokens) {
    SCOPED_TRACE(token);
    for (const MethodDescriptor* method : unary_methods()) {
      const auto* field = method->input_type()->FindFieldByName("page_token");
      if (field == nullptr) continue;
      const auto request = good_message(*method->input_type(), {});
      request->GetReflection()->SetString(request.get(), field, token);
      const grpc::Status status = send(*method, request->SerializeAsString());
      EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << method->name();
      EXPECT_TRUE(names_field(status, "page_token")) << method->name();
    }
  }
  for (const char* token : {"-1", "99999999999999999999999", "test", "test-", "test-x", "é"}) {
    WatchEventsRequest request;
    request.set_resume_token(token);
    grpc::ClientContext context;
    const auto stream = events_->WatchEvents(&context, request);
    WatchEventsResponse response;
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(), StatusCode::OUT_OF_RANGE) << token;
  }
}

}  // namespace
}  // namespace weir::control::rpc
