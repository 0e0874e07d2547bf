#include "link/pacer.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.hpp"

namespace sennit::link {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kStart{1h};
constexpr base::Bytes kPacket{1500};

struct Sent {
  base::Instant at;
  std::uint64_t bytes = 0;
};

// No window, from one datagram to another, may hold more than the invariant at the pacer's head says.
void expect_never_above(const std::vector<Sent>& sent, base::BitRate rate, std::uint64_t largest) {
  for (std::size_t first = 0; first < sent.size(); ++first) {
    std::uint64_t bytes = 0;
    for (auto last = first; last < sent.size() && last < first + 400; ++last) {
      bytes += sent[last].bytes;
      const auto allowed = base::to_seconds(sent[last].at - sent[first].at + Pacer::kBurst) *
                               static_cast<double>(rate.bits_per_second) / 8 +
                           static_cast<double>(largest);
      ASSERT_LE(static_cast<double>(bytes), allowed + 1) << first << " to " << last;
    }
  }
}

TEST(Pacer, LetsEverythingThroughWithoutARate) {
  Pacer pacer;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(pacer.is_open(kStart));
    pacer.note_sent(kPacket, kStart);
  }
  EXPECT_EQ(pacer.time_for(kPacket), 0ms);
  EXPECT_EQ(pacer.next(kStart), kStart);
}

TEST(Pacer, NeverSendsMoreThanItsRateAllowsForAnyTimesAndSizes) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    base::Rng rng(seed);
    const base::BitRate rate{100'000 + rng.below(200'000'000)};
    Pacer pacer;
    pacer.set_rate(rate);
    auto now = kStart;
    std::vector<Sent> sent;
    while (sent.size() < 500) {
      now += std::chrono::nanoseconds(rng.below(rng.below(10) == 0 ? 50'000'000 : 500'000));
      while (pacer.is_open(now) && rng.below(20) > 0 && sent.size() < 500) {
        const base::Bytes size{40 + rng.below(1461)};
        pacer.note_sent(size, now);
        sent.push_back({now, size.value});
      }
    }
    expect_never_above(sent, rate, 1500);
  }
}

// Who sends whenever it is open, woken at random times no more than kBurst apart, gets the whole rate.
TEST(Pacer, LosesNothingToWakeUpsThatAreLate) {
  for (const std::uint64_t rate : {1'000'000U, 20'000'000U, 300'000'000U}) {
    base::Rng rng(rate);
    Pacer pacer;
    pacer.set_rate({rate});
    std::uint64_t bytes = 0;
    auto now = kStart;
    while (now < kStart + 5s) {
      now += std::chrono::microseconds(100 + rng.below(2800));
      for (; pacer.is_open(now); bytes += kPacket.value) pacer.note_sent(kPacket, now);
    }
    EXPECT_NEAR(static_cast<double>(bytes) * 8 / 5, static_cast<double>(rate),
                0.01 * static_cast<double>(rate))
        << rate;
  }
}

TEST(Pacer, DoesNotSaveUpWhatWasNotSentDuringAPause) {
  Pacer pacer;
  pacer.set_rate({8'000'000});
  pacer.note_sent(kPacket, kStart);
  const auto later = kStart + 10s;
  std::uint64_t bytes = 0;
  for (; pacer.is_open(later); bytes += kPacket.value) pacer.note_sent(kPacket, later);
  EXPECT_LE(bytes, 8'000'000 / 8 * base::to_seconds(Pacer::kBurst) + 2 * kPacket.value);
}

TEST(Pacer, LetsUrgentDatagramsGoALittleAheadOfTheirTime) {
  Pacer pacer;
  pacer.set_rate({8'000'000});
  auto sent = 0;
  while (pacer.is_open_to_urgent(kStart) && sent < 1000) {
    pacer.note_sent(kPacket, kStart);
    ++sent;
  }
  EXPECT_FALSE(pacer.is_open(kStart));
  const auto allowed = pacer.time_for(kPacket) * sent;
  EXPECT_GE(allowed, Pacer::kUrgent);
  EXPECT_LE(allowed, Pacer::kUrgent + Pacer::kBurst + 2 * pacer.time_for(kPacket));
  EXPECT_TRUE(pacer.is_open(kStart + allowed)) << "and those after them wait for it";
}

TEST(Pacer, LetsAHigherRatePayWhatALowOneOwes) {
  for (const base::BitRate between : {base::BitRate{1'000}, base::BitRate{7'000}, base::BitRate{}}) {
    Pacer pacer;
    pacer.set_rate({1'000});
    for (int i = 0; i < 100; ++i) pacer.note_sent({100}, kStart);  // probes, which wait for nothing
    EXPECT_FALSE(pacer.is_open(kStart + 60s));
    pacer.set_rate(between);
    pacer.set_rate({10'000'000});
    EXPECT_TRUE(pacer.is_open(kStart + 100ms)) << between.bits_per_second;
  }
}

TEST(Pacer, KeepsAShortDebtAsItIs) {
  Pacer pacer;
  pacer.set_rate({1'000'000});
  for (int i = 0; i < 5; ++i) pacer.note_sent(kPacket, kStart);
  const auto next = pacer.next(kStart);
  pacer.set_rate({1'500'000});
  EXPECT_EQ(pacer.next(kStart), next);
}

TEST(Pacer, SaysWhenTheNextOneMayGo) {
  Pacer pacer;
  pacer.set_rate({1'200'000});  // a packet in 10 ms
  while (pacer.is_open(kStart)) pacer.note_sent(kPacket, kStart);
  const auto next = pacer.next(kStart);
  EXPECT_GT(next, kStart);
  EXPECT_FALSE(pacer.is_open(next - 1ns));
  EXPECT_TRUE(pacer.is_open(next));
  EXPECT_EQ(pacer.next(next + 1ms), next + 1ms);
  EXPECT_GE(pacer.next_wakeup(kStart), next);
}

}  // namespace
}  // namespace sennit::link
