// An hour in which everything that may happen to a tunnel happens, at random by seed; it ends with traffic
// flowing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

// Draws one mishap every few seconds, and puts the lines right at the end.
class Misfortune {
 public:
  Misfortune(Scenario& scenario, Client& client)
      : scenario_(scenario), client_(client), is_plugged_(scenario.lines.size(), true) {}

  void strike() {
    const auto number = rng().below(scenario_.lines.size());
    auto& line = scenario_.lines[number];
    const base::LinkId link{static_cast<std::uint16_t>(number)};
    switch (rng().below(11)) {
      case 0: return line.set_out(true);
      case 1: return line.set_out(false);
      case 2: return line.set_loss(static_cast<double>(rng().below(40)) / 100.0);
      case 3: return line.set_loss(0);
      case 4: return line.renumber(scenario_.fresh_addresses());
      case 5: return line.rebind_nat();
      case 6: return toggle(link, line);
      case 7: return line.set_mtu({static_cast<std::uint16_t>(1280 + rng().below(221))});
      case 8: return scenario_.network.step_wall_clock(std::chrono::seconds(rng().below(7200)) - 3600s);
      case 9: return restart_gateway();
      case 10: return client_.restart(TimestampMemory::kKept);
      default: return;
    }
  }

  void end() {
    for (std::size_t i = 0; i < scenario_.lines.size(); ++i) {
      auto& line = scenario_.lines[i];
      line.set_out(false);
      line.set_loss(0);
      line.set_mtu({1500});
      if (!is_plugged_[i]) toggle(base::LinkId{static_cast<std::uint16_t>(i)}, line);
    }
  }

 private:
  base::Rng& rng() { return scenario_.network.rng(); }

  void toggle(base::LinkId link, AccessLine& line) {
    if (is_plugged_[link.value])
      client_.unplug(link);
    else
      client_.plug(link, line);
    is_plugged_[link.value] = !is_plugged_[link.value];
  }

  void restart_gateway() {
    scenario_.gateway.kill();
    scenario_.gateway.start();
  }

  Scenario& scenario_;
  Client& client_;
  std::vector<bool> is_plugged_;
};

class AnHourOfMisfortune : public testing::TestWithParam<std::uint64_t> {};

TEST_P(AnHourOfMisfortune, EndsWithTrafficFlowingBothWays) {
  Scenario scenario({.seed = GetParam()});
  auto& client = scenario.add_client();
  const LinkConditions dsl{.rate = {8'000'000}, .delay = 15ms, .jitter = 3ms};
  const LinkConditions radio{.rate = {20'000'000}, .delay = 25ms, .jitter = 20ms, .reorder = 0.01};
  scenario.add_line(client, {.up = dsl, .down = dsl, .nat = Nat::kPresent});
  scenario.add_line(client, {.up = radio, .down = radio, .nat = Nat::kPresent});
  scenario.add_line(client, {.up = radio, .down = radio, .use = link::PathUse::kBackup});
  ASSERT_TRUE(scenario.connect());
  const FlowShape slow{.interval = 200ms, .packet_size = 600};
  auto& up = scenario.add_flow(client, scenario.gateway, slow);
  auto& down = scenario.add_flow(scenario.gateway, client, slow);
  up.start();
  down.start();
  Misfortune misfortune(scenario, client);
  const auto end = scenario.network.now().monotonic + 1h;
  while (scenario.network.now().monotonic < end) {
    scenario.network.run_for(std::chrono::milliseconds(500 + scenario.network.rng().below(15'000)));
    misfortune.strike();
  }
  for (const auto* flow : {&up, &down}) {
    EXPECT_EQ(flow->counters().duplicated, 0U);
    EXPECT_EQ(flow->counters().corrupted, 0U);
    EXPECT_GT(flow->counters().delivered, flow->counters().sent / 3);
  }
  misfortune.end();
  scenario.network.run_for(10s);
  up.reset();
  down.reset();
  scenario.network.run_for(10s);
  up.stop();
  down.stop();
  scenario.network.run_for(1s);
  EXPECT_EQ(up.lost(), 0U);
  EXPECT_EQ(down.lost(), 0U);
  // Lossy is what a path is called until it has sent enough without loss.
  for (const auto path : {std::uint8_t{0}, std::uint8_t{1}}) {
    EXPECT_THAT(client.path_report(path).state,
                testing::AnyOf(link::PathState::kUp, link::PathState::kLossy));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnHourOfMisfortune, testing::Range<std::uint64_t>(1, 6));

}  // namespace
}  // namespace sennit::sim
