// Devices whose traffic is made worse, seen end to end: at the gateway, where they are beyond the tunnel, and
// at the client, where they are on its own side.
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

// One client, which is itself the device; its line has 10 ms each way.
class ImpairedDevice : public testing::TestWithParam<device::Side> {
 protected:
  ImpairedDevice() : client_(scenario_.add_client()) {
    scenario_.add_line(client_);
    EXPECT_TRUE(scenario_.connect());
    scenario_.network.run_for(1s);
  }
  Host& host() { return GetParam() == device::Side::kBeyond ? scenario_.gateway : client_; }
  void impair(Direction direction, const std::optional<impair::Settings>& settings) {
    const base::Prefix match(client_.inner_v4, 32);
    host().act([&](tunnel::Endpoint& endpoint, base::Now now) {
      endpoint.add_device({match, {match}});
      endpoint.impair_device(match, direction, settings, now);
    });
  }
  void remove() {
    host().act([&](tunnel::Endpoint& endpoint, base::Now now) {
      endpoint.remove_device(base::Prefix(client_.inner_v4, 32), now);
    });
  }
  const device::LaneReport& lane(Direction direction) {
    report_ = host().report();
    return *report_.devices.at(0).lanes.at(static_cast<std::size_t>(direction));
  }

  Scenario scenario_;
  Client& client_;
  tunnel::EndpointReport report_;
};

INSTANTIATE_TEST_SUITE_P(EachEnd, ImpairedDevice, testing::Values(device::Side::kBeyond, device::Side::kHere),
                         [](const auto& side) {
                           return side.param == device::Side::kBeyond ? "AtTheGateway" : "AtTheClient";
                         });

TEST_P(ImpairedDevice, SeesBothDelaysInItsRoundTrip) {
  impair(Direction::kDown, delay_of(40ms));
  impair(Direction::kUp, delay_of(30ms));
  auto& ping = scenario_.add_ping(scenario_.gateway, client_);
  ping.start(50);
  scenario_.network.run_for(6s);
  EXPECT_EQ(ping.counters().answered, 50U);
  EXPECT_GE(ping.counters().least, 90ms);
  EXPECT_LE(ping.counters().most, 91ms);
}

TEST_P(ImpairedDevice, LosesTheShareAskedForInOneDirectionOnly) {
  impair::Settings settings;
  settings.loss = impair::RandomShare{{0.05}, {}};
  impair(Direction::kDown, settings);
  auto& down = scenario_.add_flow(scenario_.gateway, client_);
  auto& up = scenario_.add_flow(client_, scenario_.gateway);
  down.start(5000);
  up.start(1000);
  scenario_.network.run_for(55s);
  EXPECT_EQ(up.lost(), 0U);
  // At 99 %, with the scenario's seed.
  EXPECT_TRUE(impair::clopper_pearson({down.lost(), 5000}).contains({0.05})) << down.lost();
  EXPECT_EQ(lane(Direction::kDown).achieved.lost, down.lost());
  EXPECT_EQ(host().drops(base::DropReason::kImpairmentLoss), down.lost());
}

TEST_P(ImpairedDevice, GetsTheRateAskedForAndNotMore) {
  impair(Direction::kDown, rate_of(2'000'000));
  // 4 Mbit/s are offered.
  auto& flow = scenario_.add_flow(scenario_.gateway, client_, {.interval = 2ms, .packet_size = 1000});
  flow.start();
  scenario_.network.run_for(2s);
  const auto before = flow.counters().delivered;
  scenario_.network.run_for(10s);
  // Packets on their way at either end of the time differ by one at most.
  EXPECT_NEAR(static_cast<double>(flow.counters().delivered - before) * 8000 / 10, 2e6, 2e4);
  EXPECT_EQ(flow.counters().out_of_order, 0U);
}

TEST_P(ImpairedDevice, ChangesInFlightWithoutLosingOrReorderingAnything) {
  auto& flow = scenario_.add_flow(scenario_.gateway, client_, {.interval = 1ms});
  flow.start(4000);
  impair(Direction::kDown, delay_of(100ms));
  scenario_.network.run_for(1s);
  impair(Direction::kDown, delay_of(20ms));
  scenario_.network.run_for(1s);
  impair(Direction::kDown, delay_of(50ms));
  scenario_.network.run_for(1s);
  remove();
  scenario_.network.run_for(2s);
  EXPECT_EQ(flow.counters().delivered, 4000U);
  EXPECT_EQ(flow.counters().out_of_order, 0U);
  EXPECT_TRUE(host().report().devices.empty());
}

TEST_P(ImpairedDevice, CarriesATransferThroughALineOfTenMegabits) {
  auto settings = rate_of(10'000'000);
  settings.delay.delay = 10ms;
  impair(Direction::kDown, settings);
  auto& transfer = scenario_.add_transfer(scenario_.gateway, client_, TransferKind::kCubic);
  transfer.start();
  scenario_.network.run_for(3s);
  const auto before = lane(Direction::kDown).achieved.delivered.bytes().value;
  scenario_.network.run_for(10s);
  const auto bytes = lane(Direction::kDown).achieved.delivered.bytes().value - before;
  EXPECT_GE(static_cast<double>(bytes) * 8 / 10, 0.93 * 1e7);
}

TEST_P(ImpairedDevice, ReceivesDamagedPacketsWithTheirWrongChecksums) {
  impair::Settings settings;
  settings.corrupt = {{{0.1}, {}}, {.region = impair::DamageRegion::kPayload}};
  impair(Direction::kDown, settings);
  auto& flow = scenario_.add_flow(scenario_.gateway, client_);
  flow.start(1000);
  scenario_.network.run_for(12s);
  // Whoever receives them sees the checksum and drops them.
  EXPECT_EQ(flow.counters().corrupted, 0U);
  EXPECT_EQ(flow.lost(), lane(Direction::kDown).achieved.corrupted);
  EXPECT_GT(flow.lost(), 50U);
}

}  // namespace
}  // namespace sennit::sim
