// Control's namespaces, by their short names.
#pragma once

namespace weir::control::domain {}
namespace weir::control::rpc {}
namespace weir::control::store {}

namespace weir::sim {

namespace domain = control::domain;
namespace rpc = control::rpc;
namespace store = control::store;

}  // namespace weir::sim
