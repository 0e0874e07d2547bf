// Links of the client that are made worse on purpose, seen end to end: as lines that are bad.
#include <gtest/gtest.h>

#include "impair/interval.hpp"
#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;
using device::Direction;

impair::Settings delay_of(base::Duration delay) {
  impair::Settings settings;
  settings.delay.delay = delay;
  return settings;
}

impair::Settings rate_of(std::uint64_t bits_per_second) {
  impair::Settings settings;
  settings.rate.rate = {bits_per_second};
  return settings;
}

constexpr LineSpec kOther{.up = {.rate = {50'000'000}, .delay = 15ms},
                          .down = {.rate = {50'000'000}, .delay = 15ms}};

// A client with two lines, of 10 and 15 ms each way; the first link is impaired.
class ImpairedLink : public testing::Test {
 protected:
  ImpairedLink() : client_(scenario_.add_client()) {
    scenario_.add_line(client_);
    scenario_.add_line(client_, kOther);
    EXPECT_TRUE(scenario_.connect());
    scenario_.network.run_for(1s);
  }
  void impair(Direction direction, const std::optional<impair::Settings>& settings) {
    client_.act([&](tunnel::Endpoint& endpoint, base::Now now) {
      endpoint.impair_link(link_number(0), direction, settings, now);
    });
  }
  impair::Achieved achieved(Direction direction) {
    return client_.report().impaired_links.at(0).lanes.at(static_cast<std::size_t>(direction))->achieved;
  }
  base::Duration rtt(std::uint8_t path) { return *client_.path_report(path).rtt; }

  Scenario scenario_;
  Client& client_;
};

TEST_F(ImpairedLink, DelaysItsOwnPathAndNoOther) {
  impair(Direction::kUp, delay_of(30ms));
  impair(Direction::kDown, delay_of(20ms));
  scenario_.network.run_for(40s);  // probes are a second apart, and smoothed
  EXPECT_NEAR(base::to_milliseconds(rtt(0)), 70, 2);
  EXPECT_NEAR(base::to_milliseconds(rtt(1)), 30, 2);
  EXPECT_NEAR(base::to_milliseconds(achieved(Direction::kUp).delay.mean()), 30, 0.2);
  EXPECT_NEAR(base::to_milliseconds(achieved(Direction::kDown).delay.mean()), 20, 0.2);
}

TEST_F(ImpairedLink, LosesDatagramByDatagramAndTheTunnelRepairs) {
  impair::Settings settings;
  settings.loss = impair::RandomShare{{0.05}, {}};
  impair(Direction::kUp, settings);
  auto& flow = scenario_.add_flow(client_, scenario_.gateway, {.interval = 2ms, .packet_size = 1000});
  flow.start(5000);
  scenario_.network.run_for(12s);
  const auto up = achieved(Direction::kUp);
  ASSERT_GT(up.judged, 2000U);
  // At 99 %, with the scenario's seed.
  EXPECT_TRUE(impair::clopper_pearson({up.lost, up.judged}).contains({0.05}))
      << up.lost << " of " << up.judged;
  EXPECT_EQ(client_.drops(base::DropReason::kImpairmentLoss), up.lost);
  EXPECT_LT(flow.lost(), up.lost / 2);
}

TEST_F(ImpairedLink, CarriesTheRateAskedForWhileTheOtherCarriesTheRest) {
  impair(Direction::kUp, rate_of(5'000'000));
  auto& transfer = scenario_.add_transfer(client_, scenario_.gateway, TransferKind::kCubic);
  transfer.start();
  scenario_.network.run_for(5s);
  const auto before = achieved(Direction::kUp).delivered.bytes().value;
  scenario_.network.run_for(10s);
  const auto rate = static_cast<double>(achieved(Direction::kUp).delivered.bytes().value - before) * 8 / 10;
  EXPECT_LE(rate, 5.01e6);
  EXPECT_GE(rate, 4.5e6);
}

TEST_F(ImpairedLink, IsGivenUpWhileItIsOutAndTakenAgain) {
  impair::Settings settings;
  settings.loss = impair::RandomShare{{1}, {}};
  impair(Direction::kDown, settings);
  scenario_.network.run_for(5s);
  EXPECT_EQ(client_.path_report(0).state, link::PathState::kDown);
  EXPECT_TRUE(scenario_.is_up());
  impair(Direction::kDown, std::nullopt);
  scenario_.network.run_for(5s);
  EXPECT_EQ(client_.path_report(0).state, link::PathState::kUp);
  EXPECT_TRUE(client_.report().impaired_links.empty());
}

TEST_F(ImpairedLink, IsClearedInFlightWithoutLosingOrReorderingAnything) {
  impair(Direction::kUp, delay_of(50ms));
  impair(Direction::kDown, delay_of(50ms));
  scenario_.network.run_for(1s);
  auto& flow = scenario_.add_flow(client_, scenario_.gateway, {.interval = 1ms});
  flow.start(3000);
  scenario_.network.run_for(1s);
  impair(Direction::kUp, std::nullopt);
  impair(Direction::kDown, std::nullopt);
  scenario_.network.run_for(4s);
  EXPECT_EQ(flow.counters().delivered, 3000U);
  EXPECT_EQ(flow.counters().out_of_order, 0U);
}

// Checksums of the kernel are not in the simulator: what they would end never arrives, the rest fails to
// open.
TEST_F(ImpairedLink, DamagesDatagramsSoThatNoDamageReachesTheInside) {
  impair::Settings settings;
  settings.corrupt = {{{0.1}, {}}, {.checksums = impair::Checksums::kRepaired}};
  impair(Direction::kUp, settings);
  auto& flow = scenario_.add_flow(client_, scenario_.gateway, {.interval = 2ms, .packet_size = 1000});
  flow.start(2000);
  scenario_.network.run_for(8s);
  const auto corrupted = achieved(Direction::kUp).corrupted;
  EXPECT_GT(corrupted, 50U);
  EXPECT_EQ(flow.counters().corrupted, 0U);
  EXPECT_GT(scenario_.gateway.drops(base::DropReason::kBadTag), corrupted / 2);
}

}  // namespace
}  // namespace sennit::sim
