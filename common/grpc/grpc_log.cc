#include "common/grpc/grpc_log.h"

#include <grpc/support/log.h>

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

}  // namespace

void route_grpc_log() { gpr_set_log_function(write); }

}  // namespace weir::wire
