// Control's namespaces, by their short names.
#pragma once

namespace weir::control::domain {}
namespace weir::control::store {}

namespace weir::sim {

namespace domain = control::domain;
namespace store = control::store;

}  // namespace weir::sim
