#include "common/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

#include "common/log/line.h"

namespace weir {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(Streamable<std::string>);
static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::is_constructible_v<log::Field, std::string_view, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

TEST(Secret, ShowsItsTextOnlyWhenAsked) {
  EXPECT_EQ(Secret("hush").reveal(), "hush");
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace weir
