#include "server/tc/lane_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "config/impair_options.hpp"
#include "config/profiles.hpp"

namespace sennit::server::tc {
namespace {

using namespace std::chrono_literals;

impair::Settings settings_of(const std::string& text) {
  const auto parsed =
      config::parse_impairment(text, [](const std::string&) { return std::string("1\n2\n"); });
  if (!parsed) ADD_FAILURE() << text << ": " << config::to_string(parsed.invalid());
  return *parsed;
}

LanePlan plan_of(const std::string& text, NetemQueue queue = NetemQueue::kFifo) {
  const auto plan = plan_lane(settings_of(text), queue);
  if (const auto* refused = std::get_if<impair::Refusal>(&plan)) {
    ADD_FAILURE() << text << ": " << refused->why;
    return {};
  }
  return std::get<LanePlan>(plan);
}

Netem netem_of(const std::string& text, NetemQueue queue = NetemQueue::kFifo) {
  const auto plan = plan_of(text, queue);
  const auto* netem = std::get_if<Netem>(&plan.leaf);
  EXPECT_NE(netem, nullptr) << text;
  return netem == nullptr ? Netem{} : *netem;
}

TEST(LanePlan, RefusesWhatTcCannotDoByItsName) {
  const struct {
    const char* options;
    const char* key;
  } kCases[] = {
      {"trace=x", "trace"},
      {"rate=1mbit outage=1s/1s", "outage"},
      {"rate=1mbit burst=10kB peak=2mbit", "peak"},
      {"loss=1% seed=1", "seed"},
      {"rate=10bit", "rate"},
      {"rate=1mbit overhead=ptm", "overhead"},
      {"rate=1mbit overhead=-4", "overhead"},
      {"order=netem rate=1mbit overhead=ethernet", "overhead"},
      {"delay=5ms jitter=1ms delay-correlation=25%", "delay-correlation"},
      {"corrupt=1% corrupt-correlation=25%", "corrupt-correlation"},
      {"duplicate=1% duplicate-correlation=25%", "duplicate-correlation"},
      {"delay=5ms reorder=1% reorder-correlation=25%", "reorder-correlation"},
      {"corrupt=1% corrupt-mode=bytes,2", "corrupt-mode"},
      {"rate=1mbit aqm=codel", "aqm"},
      {"rate=1mbit aqm=sfq", "aqm"},
      {"rate=1mbit delay=1ms aqm=fq_codel", "aqm"},
  };
  for (const auto& one : kCases) {
    const auto plan = plan_lane(settings_of(one.options));
    const auto* refused = std::get_if<impair::Refusal>(&plan);
    ASSERT_NE(refused, nullptr) << one.options;
    EXPECT_TRUE(refused->why.starts_with(std::string(one.key) + ": ")) << refused->why;
  }
}

TEST(LanePlan, PlansEveryStockProfileOrNamesWhyNot) {
  // Traces, outages and the like are few; a mass of refusals would mean that profiles are of no use with tc.
  std::size_t planned = 0;
  for (const auto& profile : config::stock_profiles()) {
    for (const auto& settings : {profile.down, profile.up}) {
      const auto plan = plan_lane(settings);
      if (const auto* refused = std::get_if<impair::Refusal>(&plan)) {
        EXPECT_NE(refused->why.find(": "), std::string::npos) << profile.name;
      } else {
        ++planned;
      }
    }
  }
  EXPECT_GE(planned, config::stock_profiles().size() * 2 * 9 / 10);
}

TEST(LanePlan, ARateAloneIsAClassWithAQueueOfTheDefaultTime) {
  const auto plan = plan_of("rate=8mbit");
  EXPECT_EQ(plan.shape, (ShapedClass{.rate = {8'000'000}, .burst = {4000}}));
  EXPECT_EQ(std::get<ByteFifo>(plan.leaf), ByteFifo{{250'000}});
}

TEST(LanePlan, RatesFrom1KilobitTo10GigabitHaveABurstThatFitsThem) {
  for (const auto& [text, burst] :
       std::initializer_list<std::pair<const char*, std::uint64_t>>{{"rate=1kbit", 3000},
                                                                    {"rate=10mbit", 5000},
                                                                    {"rate=10gbit", 5'000'000},
                                                                    {"rate=1gbit burst=64kB", 64'000}})
    EXPECT_EQ(plan_of(text).shape.burst, base::Bytes{burst}) << text;
}

TEST(LanePlan, NetemHoldsRateTimesDelayAndTheQueueAndNeverFewerThanTenPackets) {
  const struct {
    const char* options;
    std::uint32_t packets;
  } kCases[] = {
      {"rate=12mbit delay=100ms queue=100ms", 400},
      {"rate=12mbit delay=100ms queue=30packets", 330},
      {"rate=12mbit delay=50ms jitter=50ms queue=30packets", 330},
      {"rate=10kbit delay=1ms", 11},
      {"delay=1s", 200'000},
      {"order=netem delay=1s", 1000},
      {"order=netem delay=1s queue=7packets", 7},
  };
  for (const auto& one : kCases) {
    const auto netem = netem_of(one.options, NetemQueue::kLimit);
    EXPECT_EQ(netem.limit.value, one.packets) << one.options;
    EXPECT_FALSE(netem.queue) << one.options;
  }
}

TEST(LanePlan, AFifoInsideNetemIsTheQueueAndNetemHasRoomForAllThatIsDelayed) {
  const ByteFifo wide{{300'000'000}};
  const struct {
    const char* options;
    std::uint32_t packets;
    Fifo queue;
  } kCases[] = {
      {"rate=12mbit delay=100ms queue=100ms", 200'000, ByteFifo{{150'000}}},
      {"rate=12mbit delay=100ms queue=30packets", 200'000, PacketFifo{{30}}},
      {"rate=10gbit delay=1s queue=100ms", 2'583'334, ByteFifo{{125'000'000}}},
      {"delay=1s", 200'000, wide},
      {"order=netem delay=1s rate=1mbit queue=7packets", 7, wide},
  };
  for (const auto& one : kCases) {
    const auto netem = netem_of(one.options, NetemQueue::kFifo);
    EXPECT_EQ(netem.limit.value, one.packets) << one.options;
    EXPECT_EQ(netem.queue, one.queue) << one.options;
  }
}

TEST(LanePlan, ALeafBecomesAnotherInPlaceWhereItsQueueInsideIsOfTheSameKind) {
  const auto leaf = [](const char* options, NetemQueue queue) { return plan_of(options, queue).leaf; };
  const auto bytes = leaf("rate=1mbit delay=1ms", NetemQueue::kFifo);
  EXPECT_TRUE(are_of_one_kind(bytes, leaf("delay=1s", NetemQueue::kFifo)));
  EXPECT_TRUE(are_of_one_kind(bytes, leaf("order=netem delay=1s", NetemQueue::kFifo)));
  EXPECT_FALSE(are_of_one_kind(bytes, leaf("rate=1mbit delay=1ms queue=9packets", NetemQueue::kFifo)));
  EXPECT_FALSE(are_of_one_kind(bytes, leaf("rate=1mbit delay=1ms", NetemQueue::kLimit)));
  EXPECT_FALSE(are_of_one_kind(bytes, leaf("rate=1mbit", NetemQueue::kFifo)));
}

TEST(LanePlan, WhatIsLetGoKeepsItsKindsAndHasNoLimitToSpeakOf) {
  for (const char* options : {"rate=1mbit delay=1ms loss=9%", "rate=1mbit delay=1ms queue=9packets"}) {
    const auto plan = plan_of(options);
    const auto quick = unimpaired(plan);
    EXPECT_TRUE(are_of_one_kind(plan.leaf, quick.leaf)) << options;
    const auto& netem = std::get<Netem>(quick.leaf);
    const auto* packets = std::get_if<PacketFifo>(&*netem.queue);
    const auto room =
        packets == nullptr ? std::get<ByteFifo>(*netem.queue).limit.value : packets->limit.value;
    EXPECT_GE(room, 200'000U) << options;
    EXPECT_EQ(netem.limit.value, 200'000U) << options;
  }
}

TEST(LanePlan, JitterKeepsTheOrderInALinkAndNotInNetem) {
  EXPECT_GT(netem_of("delay=9ms jitter=2ms").rate.rate.bits_per_second, 100'000'000'000U);
  EXPECT_EQ(netem_of("delay=9ms").rate.rate.bits_per_second, 0U);
  EXPECT_EQ(netem_of("order=netem delay=9ms jitter=2ms").rate.rate.bits_per_second, 0U);
}

TEST(LanePlan, NetemsOrderGivesNetemTheRateWithItsCells) {
  const auto plan = plan_of("order=netem rate=2mbit overhead=8+atm");
  EXPECT_EQ(std::get<Netem>(plan.leaf).rate, (NetemRate{{2'000'000}, 8, 48, 5}));
  EXPECT_GE(plan.shape.rate.bits_per_second, 40'000'000'000U);
}

TEST(LanePlan, AnAccessLinesOverheadGoesToTheClass) {
  const auto atm = plan_of("rate=1mbit overhead=pppoe-llc").shape;
  EXPECT_EQ(atm.overhead, 40);
  EXPECT_EQ(atm.link_layer, LinkLayer::kAtm);
  const auto ethernet = plan_of("rate=1mbit overhead=ethernet").shape;
  EXPECT_EQ(ethernet.overhead, 38);
  EXPECT_EQ(ethernet.least, 84);
}

TEST(LanePlan, CorrelatedLossIsTheChainWithTheSameShareAndRuns) {
  for (const char* options : {"loss=2% loss-correlation=50%", "loss=2% loss-burst=2.0408163265306123"}) {
    const auto loss = netem_of(options).loss;
    const auto* model = std::get_if<impair::GilbertElliott>(&loss);
    ASSERT_NE(model, nullptr) << options;
    EXPECT_NEAR(model->expected_loss().value, 0.02, 1e-12) << options;
    EXPECT_NEAR(model->r.value, 0.49, 1e-12) << options;
  }
  EXPECT_EQ(std::get<impair::Probability>(netem_of("loss=2%").loss).value, 0.02);
}

TEST(LanePlan, DelayTablesHaveTheDeviationThatIsAskedFor) {
  for (const char* name : {"normal", "pareto", "paretonormal"}) {
    const auto table = netem_of("delay=50ms jitter=5ms distribution=" + std::string(name)).table;
    ASSERT_EQ(table.size(), 4096U);
    EXPECT_TRUE(std::ranges::is_sorted(table));
    const double n = static_cast<double>(table.size());
    const double mean = std::accumulate(table.begin(), table.end(), 0.0) / n / 8192;
    const double square =
        std::accumulate(table.begin(), table.end(), 0.0, [](double s, double t) { return s + t * t; });
    // A heavy tail loses most by the cut at four deviations.
    EXPECT_NEAR(mean, 0, 0.05) << name;
    EXPECT_NEAR(std::sqrt(square / n) / 8192, 1, 0.3) << name;
  }
  const auto uniform = netem_of("delay=50ms jitter=5ms").table;
  EXPECT_NEAR(uniform.front(), -8192, 5);
  EXPECT_NEAR(uniform.back(), 8192, 5);
  EXPECT_TRUE(netem_of("delay=50ms").table.empty());
}

TEST(LanePlan, FqCodelHasTheTargetOfTheRate) {
  const auto plan = plan_of("rate=1mbit aqm=fq_codel ecn=off");
  const auto& queue = std::get<FqCodel>(plan.leaf);
  EXPECT_GT(queue.target, 13ms);
  EXPECT_EQ(queue.interval, queue.target + 95ms);
  EXPECT_EQ(queue.marking, impair::Marking::kOff);
  EXPECT_EQ(queue.limit.value, 21U);
}

}  // namespace
}  // namespace sennit::server::tc
