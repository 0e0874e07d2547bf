#include "control/path_mtu.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace sennit::control {
namespace {

using namespace std::chrono_literals;
using link::PathMtu;

const base::Instant kStart = base::Instant{} + 1h;
constexpr base::Duration kRtt = 20ms;

// Runs the search against a path that carries packets up to `truth`, for `span` of time.
base::Instant run(PathMtuSearch& search, PathMtu truth, base::Instant now, base::Duration span,
                  bool is_busy = true) {
  for (const auto end = now + span; now < end; now += 5ms) {
    search.expire(now);
    if (now < search.next_probe(is_busy)) continue;
    const auto size = search.probe_size();
    search.note_sent(200ms, now);
    if (size <= truth) search.note_echo(size, now + kRtt);
  }
  return now;
}

class PathMtuSearchTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(PathMtuSearchTest, FindsTheExactSizeBelowTheCeiling) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  const PathMtu truth{static_cast<std::uint16_t>(GetParam())};
  run(search, truth, kStart, 20s);
  EXPECT_EQ(search.current(), truth);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PathMtuSearchTest,
                         ::testing::Values(576, 600, 1000, 1279, 1280, 1281, 1400, 1428, 1492, 1499, 1500));

TEST(PathMtuSearch, UsesTheLinksMtuUntilItIsProvenWrong) {
  PathMtuSearch search;
  search.restart(PathMtu{1492});
  EXPECT_EQ(search.current(), PathMtu{1492});
}

TEST(PathMtuSearch, NeverUsesASizeThatFailedWhileSearching) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  for (auto now = kStart; now < kStart + 20s; now += 5ms) {
    search.expire(now);
    if (now >= search.next_probe(true)) {
      const auto size = search.probe_size();
      search.note_sent(200ms, now);
      if (size <= PathMtu{1400}) search.note_echo(size, now);
    }
    if (now > kStart + 1200ms) {
      ASSERT_LE(search.current(), PathMtu{1400});
    }
  }
}

TEST(PathMtuSearch, NoticesWithinSecondsThatABusyPathGotNarrower) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  auto now = run(search, PathMtu{1500}, kStart, 10s);
  now = run(search, PathMtu{1300}, now, 12s);
  EXPECT_EQ(search.current(), PathMtu{1300});
}

TEST(PathMtuSearch, TriesTheCeilingAgainAfterAMinute) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  auto now = run(search, PathMtu{1400}, kStart, 30s);
  ASSERT_EQ(search.current(), PathMtu{1400});
  run(search, PathMtu{1500}, now, 60s, false);
  EXPECT_EQ(search.current(), PathMtu{1500});
}

TEST(PathMtuSearch, AQuietPathAtItsCeilingIsNotProbedAgain) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  run(search, PathMtu{1500}, kStart, 1s);
  EXPECT_EQ(search.next_probe(false), base::kNever);
}

TEST(PathMtuSearch, BelievesTheKernelThatRefusedASize) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  run(search, PathMtu{1500}, kStart, 1s);
  search.note_too_big(PathMtu{1450}, kStart + 2s);
  EXPECT_LT(search.current(), PathMtu{1450});
  run(search, PathMtu{1449}, kStart + 2s, 20s);
  EXPECT_EQ(search.current(), PathMtu{1449});
}

TEST(PathMtuSearch, AnInterruptionIsNotTakenForAWrongSize) {
  PathMtuSearch search;
  search.restart(PathMtu{1500});
  auto now = run(search, PathMtu{1500}, kStart, 1s);
  now = run(search, PathMtu{0}, now, 4800ms);
  search.note_interruption();
  run(search, PathMtu{1500}, now, 10s);
  EXPECT_EQ(search.current(), PathMtu{1500});
}

}  // namespace
}  // namespace sennit::control
