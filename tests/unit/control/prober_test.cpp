#include "control/prober.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace sennit::control {
namespace {

using namespace std::chrono_literals;

const base::Instant kStart = base::Instant{} + 1h;

class ProberTest : public ::testing::Test {
 protected:
  ProberTest() {
    path.attach({base::SocketId{1}, {}, *base::SocketAddress::parse("192.0.2.1:6000")});
    path.rtt.add(20ms, kStart);
  }
  // Sends probes when they are due until the path is given up or `end` comes.
  base::Instant run_until_given_up(base::Instant end) {
    for (auto now = kStart; now < end; now += 1ms) {
      if (is_sending) path.last_inner_sent = now;
      if (prober.has_given_up(path, now)) return now;
      if (now >= prober.next_probe(path)) prober.note_probe_sent(now);
    }
    return base::kNever;
  }

  link::Path path{base::PathId{0}};
  Prober prober{ProbeDuty::kAlways};
  bool is_sending = false;
};

TEST_F(ProberTest, AnUnansweredBusyPathIsGivenUpAfterThreeIntervals) {
  path.mark_reachable();
  is_sending = true;
  const auto given_up = run_until_given_up(kStart + 5s);
  EXPECT_GE(given_up, kStart + 300ms);
  EXPECT_LE(given_up, kStart + 310ms);
}

TEST_F(ProberTest, AnUnansweredIdlePathIsGivenUpWithinTwoSecondsOfTheLastEcho) {
  path.mark_reachable();
  prober.note_probe_sent(kStart - 1ms);
  ASSERT_TRUE(prober.note_echo(probe_clock(kStart - 1ms)));
  EXPECT_LE(run_until_given_up(kStart + 5s), kStart + 2s);
}

TEST_F(ProberTest, APathThatWasGivenUpIsAskedFourTimesASecondAndAfterAWhileOnce) {
  path.mark_reachable();
  is_sending = true;
  const auto given_up = run_until_given_up(kStart + 5s);
  path.mark_unreachable();
  std::array<unsigned, 60> probes{};
  for (auto now = given_up; now < given_up + 60s; now += 1ms) {
    if (now < prober.next_probe(path)) continue;
    prober.note_probe_sent(now);
    ++probes.at(static_cast<std::size_t>((now - given_up) / 1s));
  }
  EXPECT_NEAR(probes[5], 4, 1);
  EXPECT_EQ(probes[30], 1U);
}

TEST_F(ProberTest, AnsweredProbesKeepAPathForEver) {
  path.mark_reachable();
  for (auto now = kStart; now < kStart + 60s; now += 1ms) {
    ASSERT_FALSE(prober.has_given_up(path, now));
    if (now < prober.next_probe(path)) continue;
    prober.note_probe_sent(now);
    EXPECT_TRUE(prober.note_echo(probe_clock(now)));
  }
}

TEST_F(ProberTest, ASlowBusyPathIsProbedMoreRarelyAndGivenUpAllTheSame) {
  struct Case {
    std::uint64_t rate;
    base::Duration interval;
  };
  path.mark_reachable();
  for (const auto& [rate, interval] :
       {Case{0, 100ms}, Case{10'000'000, 100ms}, Case{2'000'000, 160ms}, Case{500'000, 300ms}}) {
    path.capacity_rx = {rate};
    prober.note_probe_sent(kStart);
    path.last_inner_sent = kStart + 1ms;
    ASSERT_TRUE(prober.note_echo(probe_clock(kStart)));
    EXPECT_EQ(prober.next_probe(path), kStart + interval) << rate;
  }
  is_sending = true;
  const auto given_up = run_until_given_up(kStart + 5s);
  EXPECT_LE(given_up, kStart + 710ms) << "300 ms after the last echo, then 200, 100 and 100";
}

TEST_F(ProberTest, ALongRoundTripIsWaitedFor) {
  link::Path satellite{base::PathId{1}};
  satellite.attach(*path.route);
  for (int i = 0; i < 20; ++i) satellite.rtt.add(700ms, kStart);
  satellite.mark_reachable();
  for (int i = 0; i < 6; ++i) prober.note_probe_sent(kStart + i * 100ms);
  EXPECT_FALSE(prober.has_given_up(satellite, kStart + 690ms));
}

TEST_F(ProberTest, WhileDatagramsStillArriveMoreProbesMustFail) {
  path.mark_reachable();
  is_sending = true;
  for (int i = 0; i < 5; ++i) {
    prober.note_probe_sent(kStart + i * 100ms);
    prober.note_heard(kStart + i * 100ms + 50ms);
  }
  EXPECT_FALSE(prober.has_given_up(path, kStart + 500ms));
  for (int i = 5; i < 8; ++i) prober.note_probe_sent(kStart + i * 100ms);
  EXPECT_TRUE(prober.has_given_up(path, kStart + 900ms));
}

TEST_F(ProberTest, AnEchoOfAProbeFromBeforeTheSilenceDoesNotAnswerIt) {
  prober.note_probe_sent(kStart);
  EXPECT_FALSE(prober.note_echo(probe_clock(kStart - 5s)));
  EXPECT_TRUE(prober.note_echo(probe_clock(kStart)));
}

TEST_F(ProberTest, AnIdleGatewayDoesNotProbeOnceItsFirstProbeIsAnswered) {
  Prober gateway{ProbeDuty::kWhenSending};
  path.mark_reachable();
  EXPECT_LE(gateway.next_probe(path), kStart);
  gateway.note_probe_sent(kStart);
  gateway.note_echo(probe_clock(kStart));
  EXPECT_EQ(gateway.next_probe(path), base::kNever);
}

TEST_F(ProberTest, AnInnerPacketAfterAPauseIsFollowedByAProbeSoon) {
  Prober gateway{ProbeDuty::kWhenSending};
  path.mark_reachable();
  gateway.note_probe_sent(kStart);
  gateway.note_echo(probe_clock(kStart));
  path.last_inner_sent = kStart + 10s;
  EXPECT_LE(gateway.next_probe(path), kStart + 10s);
}

TEST_F(ProberTest, AnIdleBackupPathIsProbedEveryTenSeconds) {
  path.mark_reachable();
  path.use = link::PathUse::kBackup;
  prober.note_probe_sent(kStart);
  prober.note_echo(probe_clock(kStart));
  EXPECT_EQ(prober.next_probe(path), kStart + 10s);
}

TEST_F(ProberTest, APathWithoutARouteIsNotProbed) {
  path.detach();
  EXPECT_EQ(prober.next_probe(path), base::kNever);
}

TEST(ProbeClock, WrapsWithoutHarmToDifferences) {
  const auto before = base::Instant{} + std::chrono::microseconds(0xFFFF'FFFFLL);
  EXPECT_EQ(probe_clock(before + 11us) - probe_clock(before), 11U);
}

}  // namespace
}  // namespace sennit::control
