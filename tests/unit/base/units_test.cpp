#include "base/units.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace sennit::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

static_assert(!std::is_convertible_v<LinkId, PathId>);
static_assert(!std::is_convertible_v<std::uint64_t, Bytes>);

TEST(Bytes, AddUp) {
  Bytes sum{1};
  sum += Bytes{2};
  EXPECT_EQ(sum, Bytes{3});
  EXPECT_EQ(sum + Bytes{4}, Bytes{7});
  EXPECT_LT(Bytes{1}, Bytes{2});
}

TEST(RateOf, IsBitsPerSecond) {
  EXPECT_EQ(rate_of(Bytes{125}, seconds(1)), BitRate{1000});
  EXPECT_EQ(rate_of(Bytes{125}, milliseconds(500)), BitRate{2000});
  EXPECT_EQ(rate_of(Bytes{0}, seconds(1)), BitRate{0});
}

TEST(RateOf, HoldsForRatesAndAmountsFarApart) {
  EXPECT_EQ(rate_of(Bytes{12'500'000'000}, seconds(1)), BitRate{100'000'000'000});
  EXPECT_EQ(rate_of(Bytes{1}, seconds(8)), BitRate{1});
}

TEST(RateOf, IsZeroOverNoTime) {
  EXPECT_EQ(rate_of(Bytes{1000}, Duration::zero()), BitRate{0});
  EXPECT_EQ(rate_of(Bytes{1000}, -seconds(1)), BitRate{0});
}

TEST(Identifier, IsComparedAndHashedByItsValue) {
  EXPECT_EQ(PathId{3}, PathId{3});
  EXPECT_LT(PathId{3}, PathId{4});
  const std::unordered_set<PathId> set{{1}, {1}, {2}};
  EXPECT_EQ(set.size(), 2U);
}

TEST(Time, IsWrittenAsMillisecondsAndSeconds) {
  EXPECT_DOUBLE_EQ(to_milliseconds(std::chrono::microseconds(1500)), 1.5);
  EXPECT_DOUBLE_EQ(to_seconds(milliseconds(2500)), 2.5);
  EXPECT_GT(kNever, Instant(std::chrono::hours(24 * 365 * 100)));
}

}  // namespace
}  // namespace sennit::base
