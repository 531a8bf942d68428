// Pages of a list that is sorted by a key: a page begins after the last key of the one before, so
// that what comes and goes meanwhile shifts nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control_svc/domain/refusal.h"
#include "control_svc/store/page_token.h"

namespace weir::control::rpc {

// One page under construction: entries are offered in the order of their keys.
class Page {
 public:
  static constexpr int kDefaultSize = 100;
  static constexpr int kMaxSize = 1'000;

  // Refused: the token was made for other filters. An empty token begins at the start.
  static domain::Outcome<Page> begin(std::uint64_t filters, int size, std::string_view token) {
    Page page;
    page.filters_ = filters;
    page.room_ = size == 0 ? kDefaultSize : std::min(size, kMaxSize);
    if (token.empty()) return page;
    const auto last_key = store::read_page_token(filters, token);
    if (!last_key) {
      domain::Refusal refusal = domain::refuse(domain::RefusalReason::kInvalidField,
                                               "page_token is not of a list with these filters");
      refusal.violations.push_back(
          {.field = "page_token", .description = "is not of a list with these filters"});
      return refusal;
    }
    page.last_key_ = *last_key;
    return page;
  }

  // Where this page begins, and how many entries it has room for.
  const std::string& after() const { return last_key_; }
  int room() const { return room_; }

  // Whether the entry belongs on this page; it counts as being there.
  bool take(std::string_view key) {
    if (key <= last_key_) return false;
    if (room_ == 0) {
      more_ = true;
      return false;
    }
    --room_;
    last_key_ = key;
    return true;
  }
  // No entry after this one can be taken.
  bool full() const { return more_; }

  // Empty: this was the last page.
  std::string next_token() const {
    return more_ ? store::make_page_token(filters_, last_key_) : std::string();
  }

 private:
  std::uint64_t filters_ = 0;
  int room_ = 0;
  bool more_ = false;
  std::string last_key_;
};

}  // namespace weir::control::rpc
