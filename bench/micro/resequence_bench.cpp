// Packets put back in order: runs of sixteen over 1, 4 and 32 paths, the even ones a run behind, held as
// views or, where the call ends in between, as copies.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "inbound/resequence.hpp"
#include "micro/meter.hpp"

namespace sennit::bench {
namespace {

constexpr std::size_t kRun = 16;
constexpr std::size_t kPacketSize = 1400;
constexpr base::Instant kDeadline{std::chrono::hours(1)};

struct Arrival {
  std::uint32_t offset;  // of the sequence, from the first of the batch
  base::PathId path;
};

// One run a path, neighbours swapped.
std::vector<Arrival> arrivals(std::size_t paths) {
  std::vector<Arrival> order;
  for (std::size_t i = 0; i < paths; ++i) {
    const std::size_t run = std::min(i ^ 1U, paths - 1);
    for (std::size_t j = 0; j < kRun; ++j)
      order.push_back({static_cast<std::uint32_t>(run * kRun + j), {static_cast<std::uint8_t>(run)}});
  }
  return order;
}

enum class Held { kAsViews, kAsCopies };

void resequence(benchmark::State& state, Held held) {
  const auto order = arrivals(static_cast<std::size_t>(state.range(0)));
  std::vector<std::uint8_t> bytes(kPacketSize);
  inbound::Resequencer resequencer;
  std::uint32_t first = 0;
  Meter meter(state);
  for (auto iteration : state) {
    std::size_t released = 0;
    meter.start();
    for (std::size_t i = 0; i < order.size(); ++i) {
      const base::FlowSequence sequence{first + order[i].offset};
      released += resequencer.add({{1}, sequence, {bytes}}, order[i].path, {kDeadline, kDeadline}).size();
      if (held == Held::kAsCopies && i % kRun == kRun - 1) resequencer.keep();
    }
    meter.stop(order.size());
    first += static_cast<std::uint32_t>(order.size());
    if (released != order.size()) std::abort();
  }
}
BENCHMARK_CAPTURE(resequence, views, Held::kAsViews)
    ->ArgName("paths")
    ->Arg(1)
    ->Arg(4)
    ->Arg(32)
    ->UseManualTime();
BENCHMARK_CAPTURE(resequence, copies, Held::kAsCopies)->ArgName("paths")->Arg(4)->Arg(32)->UseManualTime();

}  // namespace
}  // namespace sennit::bench
