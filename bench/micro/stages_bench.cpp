// Single steps of the way out: which flow, which path.
#include <benchmark/benchmark.h>

#include <deque>

#include "micro/meter.hpp"
#include "micro/packets.hpp"
#include "outbound/classify.hpp"
#include "outbound/schedule.hpp"
#include "wire/ip.hpp"

namespace sennit::bench {
namespace {

const auto kSource = *base::IpAddress::parse("10.77.0.2");
const auto kDestination = *base::IpAddress::parse("10.77.0.1");

void parse_and_classify(benchmark::State& state) {
  Batch batch;
  for (std::uint16_t i = 0; i < kBatch; ++i) batch.add(udp_packet(kSource, kDestination, i, 200));
  const auto packets = batch.refill();
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    for (const auto& packet : packets) {
      benchmark::DoNotOptimize(outbound::classify(*wire::IpPacket::parse(packet.bytes), 42));
    }
    meter.stop(packets.size());
  }
}
BENCHMARK(parse_and_classify)->UseManualTime();

std::deque<link::Path> make_paths(std::size_t count) {
  std::deque<link::Path> paths;
  for (std::size_t i = 0; i < count; ++i) {
    auto& path = paths.emplace_back(base::PathId{static_cast<std::uint8_t>(i)});
    path.attach(
        {base::SocketId{static_cast<std::uint32_t>(i)}, {}, *base::SocketAddress::parse("192.0.2.1:4000")});
    path.mark_reachable();
  }
  return paths;
}

constexpr base::Instant kNow{std::chrono::hours(1)};

void schedule(benchmark::State& state, outbound::Mode mode) {
  auto paths = make_paths(static_cast<std::size_t>(state.range(0)));
  std::vector<link::Path*> list;
  for (auto& path : paths) list.push_back(&path);
  outbound::Scheduler scheduler(mode);
  scheduler.survey(list);
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    for (std::uint16_t i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(scheduler.choose(base::FlowBucket{i}, {1400}, outbound::Pace::kBulk, kNow));
    }
    meter.stop(kBatch);
  }
}

void path_counts(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("paths")->UseManualTime()->Arg(1)->Arg(4)->Arg(32);
}
BENCHMARK_CAPTURE(schedule, aggregate, outbound::Mode::kAggregate)->Apply(path_counts);
BENCHMARK_CAPTURE(schedule, flow, outbound::Mode::kFlow)->Apply(path_counts);

}  // namespace
}  // namespace sennit::bench
