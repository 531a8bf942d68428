// One simulated media instance, as far as control sees it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>

#include "weir/v1/instance_service.grpc.pb.h"

namespace weir::bench {

// Its Attach line: says hello, that it holds nothing and that it takes new work, then whatever it
// is given. One thread speaks to it, gRPC's threads carry it; ended by `finish`, at the latest by
// the destructor.
class InstanceLine final
    : public grpc::ClientBidiReactor<weir::v1::AttachRequest, weir::v1::AttachResponse> {
 public:
  // Makes the next message; false: there is none. Called on gRPC's threads, by one at a time.
  using Source = std::function<bool(weir::v1::AttachRequest&)>;

  InstanceLine(const std::shared_ptr<grpc::Channel>& channel, std::string instance_id);
  InstanceLine(const InstanceLine&) = delete;
  InstanceLine& operator=(const InstanceLine&) = delete;
  ~InstanceLine() override;

  const std::string& instance_id() const { return instance_id_; }
  const std::string& incarnation() const { return incarnation_; }

  void say(weir::v1::AttachRequest message);
  // As fast as the line takes it, until the source has no more.
  void say_all(Source source);

  // Block until control has welcomed it, or taken all events up to this one. Throw
  // std::runtime_error when the line breaks.
  std::chrono::milliseconds wait_for_welcome() const;
  void wait_until_taken(std::int64_t sequence) const;

  // Nothing more is said after what was given.
  void finish();
  // Once the server has read everything and closed the line; throws std::runtime_error if it did
  // so for another reason.
  void wait_for_end();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  // With the lock held.
  void write_next();

  const std::string instance_id_;
  const std::string incarnation_;
  const std::unique_ptr<weir::v1::InstanceService::Stub> stub_;
  grpc::ClientContext context_;
  std::promise<grpc::Status> ended_;
  const std::shared_future<grpc::Status> end_ = ended_.get_future().share();

  std::mutex mutex_;
  std::deque<weir::v1::AttachRequest> waiting_;
  Source source_;
  bool writing_ = false;
  bool broken_ = false;
  bool finishing_ = false;
  bool finished_ = false;

  weir::v1::AttachRequest outgoing_;
  weir::v1::AttachResponse incoming_;
  // Negative: the line is broken.
  std::atomic<std::int64_t> report_interval_ms_{0};
  std::atomic<std::int64_t> events_taken_{0};
};

}  // namespace weir::bench
