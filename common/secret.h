// A value that must not be seen: passwords, stream keys, tokens.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace weir {

// Holds a secret so that printing or logging it does not compile; whoever needs the text says so
// with reveal(). A plain value.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  std::string_view reveal() const { return text_; }

  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  std::string text_;
};

}  // namespace weir
