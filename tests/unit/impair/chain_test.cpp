#include "impair/chain.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "impair/interval.hpp"
#include "unit/impair/pipe.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kMany = 200'000;

// Everything at once, as a user could ask for it.
Settings everything() {
  return {
      .rate = {.rate = {10'000'000}},
      .queue_limit = 100ms,
      .aqm = Aqm::kFqCodel,
      .loss = GilbertElliott{{0.01}, {0.3}, {0.8}, {0.001}},
      .corrupt = {.random = {{0.02}, {0.2}}},
      .duplicate = {{0.03}, {0.5}},
      .reorder = {.random = {{0.05}, {}}, .gap = 3},
      .delay = {.delay = 20ms, .jitter = 5ms, .distribution = Distribution::kNormal, .correlation = {0.3}}};
}

// Sends packets of mixed sizes and flows, now and then too fast.
void send_mixture(Pipe& pipe, std::uint32_t count, base::Instant start = kStart) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t size = 64 + i * 7919 % 1437;
    pipe.send(start + i * 500us, {.size = size, .flow = {i % 5}});
  }
}

// The figures that a change of any decision would move.
std::uint64_t fingerprint(const std::vector<Arrival>& arrivals) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001B3U; };
  for (const auto& [at, emission] : arrivals) {
    mix(static_cast<std::uint64_t>((at - kStart).count()));
    mix(emission.packet.buffer.value);
    mix(static_cast<std::uint64_t>(emission.fate));
    mix(emission.damage.seed);
  }
  return hash;
}

TEST(Chain, RepeatsFromItsSeed) {
  const auto run = [](std::uint64_t seed) {
    Pipe pipe(everything(), {seed});
    send_mixture(pipe, 5'000);
    pipe.finish();
    return fingerprint(pipe.all());
  };
  EXPECT_EQ(run(42), run(42));
  EXPECT_NE(run(42), run(43));
}

TEST(Chain, TakesTheSeedOfItsSettingsBeforeItsOwn) {
  const auto run = [](std::uint64_t own) {
    auto settings = everything();
    settings.seed = 7;
    Pipe pipe(settings, {own});
    send_mixture(pipe, 500);
    pipe.finish();
    return fingerprint(pipe.all());
  };
  EXPECT_EQ(run(1), run(2));
}

// If this changes, experiments that users have written down no longer repeat: say so in the changelog.
TEST(Chain, DecidesTodayAsItDidBefore) {
  Pipe pipe({.loss = RandomShare{{0.2}, {}}, .duplicate = {{0.1}, {}}}, {2026});
  pipe.send_many(40, 1ms);
  pipe.finish();
  EXPECT_EQ(pipe.numbers(), (std::vector<std::uint32_t>{0,  1,  2,  3,  4,  5,  6,  7,  8,  10, 10, 11, 13,
                                                        14, 15, 16, 17, 18, 20, 21, 22, 24, 25, 26, 27, 28,
                                                        29, 30, 31, 31, 32, 33, 34, 36, 37, 38, 39}));
}

TEST(Chain, IsNotMovedByOtherChains) {
  const auto run = [](std::uint32_t others) {
    PacketPool pool;
    std::vector<std::unique_ptr<Chain>> chains;
    for (std::uint32_t i = 0; i <= others; ++i) {
      chains.push_back(std::make_unique<Chain>(pool, everything(), Seed{5}, kStart));
    }
    std::vector<Arrival> arrivals;
    for (std::uint32_t i = 0; i < 2'000; ++i) {
      const auto now = kStart + i * 1ms;
      for (auto& chain : chains) chain->push({.buffer = {i}, .size = 500}, now);
      for (auto& chain : chains) {
        while (const auto emission = chain->pop(now)) {
          if (chain == chains.front()) arrivals.push_back({now, *emission});
        }
      }
    }
    return fingerprint(arrivals);
  };
  EXPECT_EQ(run(0), run(20));
}

TEST(Chain, DoesNotMoveOneModelByAnother) {
  const auto lost = [](const Settings& settings) {
    Pipe pipe(settings);
    pipe.send_many(5'000, 1ms);
    pipe.finish();
    std::vector<std::uint32_t> numbers;
    for (const auto& arrival : pipe.with(Fate::kLost)) numbers.push_back(arrival.number());
    return numbers;
  };
  Settings settings{.loss = RandomShare{{0.05}, {}}};
  const auto alone = lost(settings);
  settings.corrupt.random.share = {0.5};
  settings.duplicate.share = {0.3};
  settings.delay = {.delay = 100ms, .jitter = 10ms};
  EXPECT_EQ(lost(settings), alone);
}

TEST(Chain, GivesEveryBufferBackOnceAndKeepsNothing) {
  Pipe pipe(everything());
  send_mixture(pipe, 20'000);
  pipe.finish();
  std::map<std::uint32_t, int> uses;
  for (const auto& arrival : pipe.all()) {
    EXPECT_EQ(uses[arrival.number()], 0) << "used after its last use: " << arrival.number();
    if (arrival.emission.is_last_use) ++uses[arrival.number()];
  }
  EXPECT_EQ(uses.size(), 20'000U);
  for (const auto& [number, count] : uses) EXPECT_EQ(count, 1) << number;
  EXPECT_EQ(pipe.pool().in_use(), 0U);
  EXPECT_TRUE(pipe.chain().empty());
}

TEST(Chain, AccountsForEveryPacket) {
  Pipe pipe(everything());
  send_mixture(pipe, 20'000);
  pipe.finish();
  const auto& achieved = pipe.chain().achieved();
  EXPECT_EQ(achieved.offered, 20'000U);
  EXPECT_EQ(achieved.offered + achieved.duplicated, achieved.delivered.packets() + achieved.lost +
                                                        achieved.queue_drops + achieved.aqm_drops +
                                                        achieved.outage_drops);
  EXPECT_GT(achieved.lost, 0U);
  EXPECT_GT(achieved.corrupted, 0U);
  EXPECT_GT(achieved.duplicated, 0U);
  EXPECT_GT(achieved.reordered, 0U);
}

TEST(Chain, EndsWithPacketsInside) {
  PacketPool pool;
  {
    Chain chain(pool, everything(), {1}, kStart);
    for (std::uint32_t i = 0; i < 100; ++i) chain.push({.buffer = {i}, .size = 1000}, kStart);
    EXPECT_GT(pool.in_use(), 0U);
  }
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST(Chain, CanBeDrained) {
  PacketPool pool;
  Chain chain(pool, everything(), {1}, kStart);
  for (std::uint32_t i = 0; i < 100; ++i) chain.push({.buffer = {i}, .size = 1000}, kStart);
  std::size_t last_uses = 0;
  while (const auto emission = chain.drain()) last_uses += emission->is_last_use ? 1 : 0;
  EXPECT_EQ(last_uses, 100U);
}

TEST(Chain, HasEverySharesInsideItsInterval) {
  Pipe pipe({.loss = RandomShare{{0.01}, {}},
             .corrupt = {.random = {{0.02}, {}}},
             .duplicate = {{0.03}, {}},
             .reorder = {.random = {{0.04}, {}}},
             .delay = {.delay = 10ms}});
  pipe.send_many(kMany, 1ms);
  pipe.finish();
  const auto& achieved = pipe.chain().achieved();
  EXPECT_TRUE(clopper_pearson({achieved.lost, achieved.judged}).contains({0.01}));
  EXPECT_TRUE(clopper_pearson({achieved.duplicated, achieved.passed}).contains({0.03}));
  // The copies of damaged packets are damaged, those of packets that jump jump.
  EXPECT_TRUE(clopper_pearson({achieved.corrupted, achieved.delivered.packets()}).contains({0.02}));
  EXPECT_NEAR(static_cast<double>(achieved.reordered) / static_cast<double>(achieved.delivered.packets()),
              0.04, 0.004);
}

TEST(Chain, WithOrderLinkLosesBehindTheRate) {
  Settings settings{
      .rate = {.rate = {1'000'000}}, .queue_limit = Packets{50}, .loss = RandomShare{{0.1}, {}}};
  Pipe pipe(settings);
  pipe.send_many(10'000, 6ms);
  pipe.finish();
  EXPECT_NEAR(mean_rate(pipe.delivered()), 900'000, 10'000) << "lost packets have used the line";
}

TEST(Chain, DuplicatesRightBehindTheOriginal) {
  Pipe pipe({.duplicate = {{1}, {}}, .delay = {.delay = 10ms}});
  pipe.send_many(5, 1ms);
  pipe.finish();
  EXPECT_EQ(pipe.numbers(), (std::vector<std::uint32_t>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4}));
}

TEST(Chain, ReordersEveryNthPacketPastTheDelay) {
  Pipe pipe({.reorder = {.random = {{1}, {}}, .gap = 5}, .delay = {.delay = 10ms}});
  pipe.send_many(10, 1ms);
  pipe.finish();
  EXPECT_EQ(pipe.numbers(), (std::vector<std::uint32_t>{4, 9, 0, 1, 2, 3, 5, 6, 7, 8}));
  EXPECT_EQ(pipe.chain().achieved().reordered, 2U);
}

TEST(Chain, MarksInsteadOfLosingWhereAskedTo) {
  Pipe pipe({.ecn = EcnUse::kAll, .loss = RandomShare{{1}, {}}});
  pipe.send(kStart, {.size = 100, .ecn = Ecn::kCapable1});
  pipe.send(kStart, {.size = 100, .ecn = Ecn::kNotCapable});
  pipe.send(kStart, {.size = 100, .ecn = Ecn::kCongestion});
  EXPECT_EQ(pipe.numbers(), (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(pipe.all()[0].emission.packet.ecn, Ecn::kCongestion);
  EXPECT_TRUE(pipe.all()[0].emission.is_marked);
  EXPECT_FALSE(pipe.all()[2].emission.is_marked) << "it was marked before";
}

TEST(Chain, AsksForOneWakeUpAPacketWhereTheDelayIsFixed) {
  PacketPool pool;
  Chain chain(pool, {.rate = {.rate = {12'000'000}}, .delay = {.delay = 20ms}}, {1}, kStart);
  for (std::uint32_t i = 0; i < 5; ++i) chain.push({.buffer = {i}, .size = 1500}, kStart);
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto at = chain.next_wakeup();
    EXPECT_EQ(at, kStart + 21ms + i * 1ms);
    ASSERT_TRUE(chain.pop(at));
    EXPECT_FALSE(chain.pop(at));
  }
  EXPECT_EQ(chain.next_wakeup(), base::kNever);
}

TEST(Chain, TellsHowLongPacketsStayed) {
  Pipe pipe({.delay = {.delay = 100ms, .jitter = 20ms}});
  pipe.send_many(10'000, 50ms);
  pipe.finish();
  const auto& delay = pipe.chain().achieved().delay;
  EXPECT_NEAR(base::to_milliseconds(delay.mean()), 100, 1);
}

TEST(Chain, LetsASecondOfSetsAndClearsChangeNothingElse) {
  Pipe pipe(Settings{});
  Settings slow{.rate = {.rate = {10'000'000}}, .queue_limit = Packets{5'000}, .delay = {.delay = 20ms}};
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    pipe.change(i % 2 == 0 ? slow : Settings{}, kStart + i * 1ms);
    pipe.send(kStart + i * 1ms);
  }
  pipe.finish();
  EXPECT_EQ(pipe.delivered().size(), 1'000U);
  EXPECT_TRUE(std::ranges::is_sorted(pipe.numbers()));
  EXPECT_EQ(pipe.pool().in_use(), 0U);
}

TEST(Netem, TakesAtMostAThousandPacketsDelayedOnesIncluded) {
  Pipe pipe({.order = Order::kNetem, .delay = {.delay = 100ms}});
  for (int i = 0; i < 1500; ++i) pipe.send(kStart);
  pipe.finish();
  EXPECT_EQ(pipe.delivered().size(), 1000U);
  EXPECT_EQ(pipe.chain().achieved().queue_drops, 500U);
}

TEST(Netem, JitterReorders) {
  Pipe pipe({.order = Order::kNetem, .delay = {.delay = 50ms, .jitter = 20ms}});
  pipe.send_many(2'000, 1ms);
  pipe.finish();
  EXPECT_FALSE(std::ranges::is_sorted(pipe.numbers()));
  EXPECT_GT(pipe.chain().achieved().reordered, 500U);
  for (const auto& arrival : pipe.delivered()) {
    const auto delay = arrival.at - kStart - arrival.number() * 1ms;
    EXPECT_GE(delay, 30ms);
    EXPECT_LE(delay, 70ms);
  }
}

TEST(Netem, LosesInFrontOfTheRate) {
  Pipe pipe({.order = Order::kNetem, .rate = {.rate = {1'000'000}}, .loss = RandomShare{{0.1}, {}}});
  pipe.send_many(10'000, 6ms);
  pipe.finish();
  EXPECT_NEAR(mean_rate(pipe.delivered()), 1'000'000, 1'000);
}

TEST(Netem, SendsOverTheLineAfterTheDelay) {
  Pipe pipe({.order = Order::kNetem, .rate = {.rate = {1'200'000}}, .delay = {.delay = 100ms}});
  for (int i = 0; i < 3; ++i) pipe.send(kStart);
  pipe.finish();
  const auto arrivals = pipe.delivered();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(arrivals[i].at, kStart + 110ms + i * 10ms);
}

TEST(Netem, PassesOnceWhatIsBothDoubledAndLost) {
  Pipe pipe({.order = Order::kNetem, .loss = RandomShare{{1}, {}}, .duplicate = {{1}, {}}});
  pipe.send_many(10, 1ms);
  EXPECT_EQ(pipe.delivered().size(), 10U);
}

TEST(Netem, DoublesThroughTheWholeQueue) {
  Pipe pipe({.order = Order::kNetem, .duplicate = {{1}, {}}, .delay = {.delay = 50ms, .jitter = 10ms}});
  pipe.send(kStart);
  pipe.finish();
  ASSERT_EQ(pipe.delivered().size(), 2U);
  EXPECT_NE(pipe.delivered()[0].at, pipe.delivered()[1].at) << "the copy is delayed by its own draw";
}

}  // namespace
}  // namespace sennit::impair
