#include "impair/slot_gate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "unit/impair/pipe.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

std::vector<base::Duration> leave(const SlotSettings& slot, std::uint32_t packets, base::Duration gap) {
  Pipe pipe({.slot = slot});
  pipe.send_many(packets, gap, 1000);
  pipe.finish();
  std::vector<base::Duration> times;
  for (const auto& arrival : pipe.delivered()) times.push_back(arrival.at - kStart);
  return times;
}

TEST(Slots, LetPacketsOutTogether) {
  const auto times = leave({.least = 10ms, .most = 10ms}, 50, 1ms);
  ASSERT_EQ(times.size(), 50U);
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(times[i], (i + 9) / 10 * 10ms) << i;
}

TEST(Slots, HoldSoManyPacketsOrBytes) {
  EXPECT_EQ(leave({.least = 10ms, .most = 10ms, .packets = 2}, 5, 0ms),
            (std::vector<base::Duration>{0ms, 0ms, 10ms, 10ms, 20ms}));
  EXPECT_EQ(leave({.least = 10ms, .most = 10ms, .bytes = {2500}}, 5, 0ms),
            (std::vector<base::Duration>{0ms, 0ms, 0ms, 10ms, 10ms}));
}

TEST(Slots, ComeAtDrawnTimes) {
  const auto times = leave({.least = 5ms, .most = 15ms}, 20'000, 1ms);
  const std::set<base::Duration> slots(times.begin(), times.end());
  auto before = *slots.begin();
  for (const auto slot : std::set<base::Duration>(std::next(slots.begin()), slots.end())) {
    EXPECT_GE(slot - before, 5ms);
    EXPECT_LE(slot - before, 15ms);
    before = slot;
  }
  EXPECT_NEAR(base::to_milliseconds(before) / static_cast<double>(slots.size()), 10, 0.3);
}

TEST(Slots, DoNotDependOnHowOftenTheyAreAskedFor) {
  const SlotGate gate({.least = 1ms, .most = 20ms});
  const base::Rng rng(3);
  const auto later = gate.opens(kStart + 50ms, rng);
  EXPECT_EQ(gate.opens(kStart + 50ms, rng), later);
  SlotGate passed = gate;
  auto stream = rng;
  passed.pass(kStart, {100}, stream);
  EXPECT_EQ(passed.opens(kStart, stream), kStart) << "looking ahead used no slot up";
}

TEST(Slots, NeverLetAPacketOutBeforeItsTimeAfterASilenceEither) {
  Pipe pipe({.delay = {.delay = 7ms}, .slot = {.least = 1ms, .most = 20ms, .packets = 1}});
  pipe.send(kStart);
  pipe.send(kStart + 24h);
  pipe.send(kStart + 24h);
  pipe.finish();
  const auto arrivals = pipe.delivered();
  ASSERT_EQ(arrivals.size(), 3U);
  EXPECT_GE(arrivals[1].at, kStart + 24h + 7ms);
  EXPECT_LE(arrivals[1].at, kStart + 24h + 27ms);
  EXPECT_GE(arrivals[2].at - arrivals[1].at, 1ms);
}

}  // namespace
}  // namespace sennit::impair
