// The impairment of a packet: one packet every microsecond, a millisecond inside, with the heap that wakes
// the devices. Does the cost depend on their number?
//   one    all packets are of one device; the others are silent. Growth here is an algorithm's.
//   spread every packet is of another device. Growth here is also the cache's.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "impair/chain.hpp"
#include "micro/meter.hpp"
#include "tunnel/wakeup_queue.hpp"

namespace sennit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kImpairBatch = 1024;

enum class Traffic { kOne, kSpread };

class Devices {
 public:
  Devices(std::size_t count, const impair::Settings& settings, Traffic traffic)
      : wakeups_(count), step_(traffic == Traffic::kOne ? 0 : 7919) {
    for (std::size_t i = 0; i < count; ++i) {
      chains_.push_back(std::make_unique<impair::Chain>(pool_, settings, impair::Seed{i}, now_));
    }
  }
  // A batch of packets; returns how many came out.
  std::size_t pass_batch() {
    std::size_t out = 0;
    for (std::size_t i = 0; i < kImpairBatch; ++i) {
      now_ += 1us;
      next_ = (next_ + step_) % chains_.size();
      chains_[next_]->push({.size = 1400}, now_);
      out += collect(next_);
      while (const auto due = wakeups_.pop_due(now_)) out += collect(due->value);
    }
    return out;
  }

 private:
  std::size_t collect(std::size_t device) {
    std::size_t out = 0;
    while (chains_[device]->pop(now_)) ++out;
    wakeups_.set({static_cast<std::uint32_t>(device)}, chains_[device]->next_wakeup());
    return out;
  }

  base::Instant now_{1h};
  impair::PacketPool pool_;
  std::vector<std::unique_ptr<impair::Chain>> chains_;
  tunnel::WakeupQueue wakeups_;
  std::size_t step_;
  std::size_t next_ = 0;
};

void impair_packets(benchmark::State& state, const impair::Settings& settings, Traffic traffic) {
  Devices devices(static_cast<std::size_t>(state.range(0)), settings, traffic);
  for (int i = 0; i < 20; ++i) devices.pass_batch();
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    const auto out = devices.pass_batch();
    meter.stop(kImpairBatch);
    if (out == 0) std::abort();
  }
}

const impair::Settings kRateDelayLoss{
    .rate = {.rate = {20'000'000'000}}, .loss = impair::RandomShare{{0.01}, {}}, .delay = {.delay = 1ms}};
const impair::Settings kJitterFqCodel{
    .rate = {.rate = {20'000'000'000}},
    .aqm = impair::Aqm::kFqCodel,
    .loss = impair::GilbertElliott{{0.01}, {0.2}, {1}, {}},
    .delay = {
        .delay = 1ms, .jitter = 100us, .distribution = impair::Distribution::kNormal, .correlation = {0.25}}};

BENCHMARK_CAPTURE(impair_packets, rate_delay_loss_one, kRateDelayLoss, Traffic::kOne)
    ->ArgName("devices")
    ->Arg(1)
    ->Arg(10'000)
    ->UseManualTime();
BENCHMARK_CAPTURE(impair_packets, rate_delay_loss_spread, kRateDelayLoss, Traffic::kSpread)
    ->ArgName("devices")
    ->Arg(100)
    ->Arg(10'000)
    ->UseManualTime();
BENCHMARK_CAPTURE(impair_packets, jitter_fq_codel_one, kJitterFqCodel, Traffic::kOne)
    ->ArgName("devices")
    ->Arg(1)
    ->Arg(10'000)
    ->UseManualTime();

}  // namespace
}  // namespace sennit::bench
