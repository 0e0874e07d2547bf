// Policies: classes of traffic that are spread otherwise than the rest, or over other links.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;
using outbound::Mode;

// Applications are numbered in the order in which a scenario gets them.
constexpr std::uint16_t kFirst = 5000;

tunnel::PolicyConfig policy_for(std::uint16_t port, Mode mode, std::vector<std::string> links = {}) {
  tunnel::PolicyConfig policy;
  policy.match.ports = {{port, port}};
  policy.mode = mode;
  policy.links = std::move(links);
  return policy;
}

// A client with two lines of 10 Mbit/s and these policies, both ends alike.
class Policies : public testing::Test {
 protected:
  Client& connect(const std::vector<tunnel::PolicyConfig>& policies, int lines = 2) {
    auto& client = scenario.add_client();
    client.config.policies = scenario.gateway.config.policies = policies;
    const LinkConditions line{.rate = {10'000'000}, .delay = 10ms};
    for (int i = 0; i < lines; ++i) scenario.add_line(client, {.up = line, .down = line});
    EXPECT_TRUE(scenario.connect());
    scenario.network.run_for(1s);
    return client;
  }
  std::uint64_t carried(std::size_t line) { return scenario.lines.at(line).up().counters().carried_bytes; }

  Scenario scenario;
};

TEST_F(Policies, DoubleOneFlowWhileTheOthersAddTheLinesUp) {
  auto& client = connect({policy_for(kFirst, Mode::kRedundant)});
  auto& voice = scenario.add_flow(client, scenario.gateway, {.interval = 20ms, .packet_size = 200});
  auto& bulk = scenario.add_transfer(client, scenario.gateway, TransferKind::kCubic);
  bulk.start();
  scenario.network.run_for(3s);
  bulk.reset();
  voice.start();
  scenario.lines[1].set_out(true);
  scenario.network.run_for(300ms);
  scenario.lines[1].set_out(false);
  scenario.network.run_for(10s);
  EXPECT_LE(voice.lost(), 5U) << "under way";
  EXPECT_LE(voice.counters().longest_silence, 100ms) << "although a line fell silent for 300";
  EXPECT_EQ(voice.counters().duplicated, 0U);
  EXPECT_GT(bulk.goodput(), base::BitRate{14'000'000}) << "more than one line carries";
}

TEST_F(Policies, LetNoClassStarveAnother) {
  auto& client = connect({policy_for(kFirst, Mode::kFlow)}, 1);
  auto& kept = scenario.add_transfer(client, scenario.gateway, TransferKind::kCubic);
  auto& spread = scenario.add_transfer(client, scenario.gateway, TransferKind::kCubic);
  kept.start();
  spread.start();
  scenario.network.run_for(5s);
  kept.reset();
  spread.reset();
  scenario.network.run_for(20s);
  for (const auto* one : {&kept, &spread}) EXPECT_GT(one->goodput(), base::BitRate{3'000'000});
}

// A line that is suspected stays the only one that its class may use.
TEST_F(Policies, KeepWhatWaitsForTheirLinkWhenItFallsSilent) {
  auto& client = connect({policy_for(kFirst, Mode::kFlow, {"link1"})});
  auto& flood = scenario.add_flow(client, scenario.gateway, {.interval = 500us, .packet_size = 1200});
  flood.start();
  scenario.network.run_for(2s);
  scenario.lines[1].set_out(true);
  scenario.network.run_for(3s);
  scenario.lines[1].set_out(false);
  scenario.network.run_for(3s);
  EXPECT_GT(flood.counters().delivered, 3'000U) << "1,000 a second where the line works";
}

TEST_F(Policies, KeepTheirTrafficOnTheirLinksWhileThoseAreUp) {
  auto& client = connect({policy_for(kFirst, Mode::kAggregate, {"link1"})});
  auto& flow = scenario.add_flow(client, scenario.gateway);
  auto before = carried(0);
  flow.start();
  scenario.network.run_for(5s);
  EXPECT_LT(carried(0) - before, 5'000U) << "probes";
  EXPECT_GT(carried(1), 400'000U);
  scenario.lines[1].set_out(true);
  before = carried(0);
  scenario.network.run_for(3s);
  EXPECT_GT(carried(0) - before, 200'000U) << "the others are better than nothing";
  EXPECT_LE(flow.counters().longest_silence, 500ms);
}

TEST_F(Policies, GoOnOverANewSession) {
  auto& client = connect({policy_for(kFirst, Mode::kRedundant), policy_for(kFirst + 1, Mode::kFlow)});
  auto& doubled = scenario.add_flow(client, scenario.gateway);
  auto& kept = scenario.add_flow(client, scenario.gateway);
  auto& other = scenario.add_transfer(client, scenario.gateway, TransferKind::kCubic);
  other.start();
  doubled.start();
  kept.start();
  scenario.network.run_for(130s);
  EXPECT_LE(doubled.lost(), 10U);
  EXPECT_LE(kept.lost(), 30U);
  EXPECT_EQ(doubled.counters().duplicated + kept.counters().duplicated, 0U);
}

}  // namespace
}  // namespace sennit::sim
