#include "common/grpc/grpc_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <string>

#include "common/log/log.h"

namespace weir::wire {
namespace {

void write(gpr_log_func_args* line) {
  log::warn("grpc.complaint",
            {{"severity", gpr_log_severity_string(line->severity)},
             {"grpc_file", line->file},
             {"grpc_line", line->line}},
            line->message);
}

// Of bytes that a caller sent and that are no message.
void write_protobuf(google::protobuf::LogLevel, const char* file, int line,
                    const std::string& message) {
  log::warn("grpc.complaint", {{"severity", "ERROR"}, {"grpc_file", file}, {"grpc_line", line}},
            message);
}

}  // namespace

void route_grpc_log() {
  gpr_set_log_function(write);
  google::protobuf::SetLogHandler(write_protobuf);
}

}  // namespace weir::wire
