#include "client/backoff.hpp"

#include <gtest/gtest.h>

namespace sennit::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Backoff, DoublesUpToItsCeilingWithinTwentyPercent) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Backoff backoff(seconds(1), seconds(8), seed);
    for (const int step : {1, 2, 4, 8, 8, 8}) {
      const auto wait = backoff.next();
      EXPECT_GE(wait, milliseconds(800) * step) << "seed " << seed;
      EXPECT_LE(wait, milliseconds(1200) * step) << "seed " << seed;
    }
  }
}

TEST(Backoff, StartsOverAfterSuccess) {
  Backoff backoff(seconds(1), seconds(60), 7);
  for (int i = 0; i < 10; ++i) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(1200));
}

TEST(Backoff, ScattersClientsWithDifferentSeeds) {
  EXPECT_NE(Backoff(seconds(1), seconds(60), 1).next(), Backoff(seconds(1), seconds(60), 2).next());
}

}  // namespace
}  // namespace sennit::client
