// A packet's way through the table of devices, with the look-up, the copy of its bytes and the heap of
// wake-ups: one packet every microsecond, a millisecond inside. Does the cost depend on how many there are?
//   one    all packets are of one device; the others are silent. Growth here is an algorithm's.
//   spread every packet is of another device. Growth here is also the cache's.
//   none   no device is known, or only others: what the data path pays for asking.
//   judge  each device has a filter of its own, and everybody has one: what a packet pays for being judged.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "device/table.hpp"
#include "micro/meter.hpp"
#include "micro/packets.hpp"

namespace sennit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDeviceBatch = 1024;
constexpr std::size_t kPacketSize = 1400;

base::IpAddress address_of(std::size_t device) {
  return base::IpAddress::v4({10, static_cast<std::uint8_t>(device >> 16U),
                              static_cast<std::uint8_t>(device >> 8U), static_cast<std::uint8_t>(device)});
}

std::vector<std::uint8_t> packet_to(const base::IpAddress& destination) {
  constexpr std::uint16_t kPort = 4000;
  return udp_packet(base::IpAddress::v4({198, 51, 100, 7}), destination, kPort, kPacketSize);
}

class Traffic {
 public:
  Traffic(std::size_t devices, std::size_t step) : step_(step) {
    const impair::Settings settings{
        .rate = {.rate = {20'000'000'000}}, .loss = impair::RandomShare{{0.01}, {}}, .delay = {.delay = 1ms}};
    for (std::size_t i = 0; i < devices; ++i) {
      const base::Prefix match(address_of(i), 32);
      table_.add({match, {match}});
      table_.impair(match, device::Direction::kDown, settings, now_);
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(devices, 1); ++i)
      packets_.push_back(packet_to(address_of(i)));
  }
  void pass_batch() {
    for (std::size_t i = 0; i < kDeviceBatch; ++i) {
      now_ += 1us;
      next_ = (next_ + step_) % packets_.size();
      pass(packets_[next_]);
    }
  }
  void ask_for(std::vector<std::uint8_t>& packet) {
    const auto ip = wire::IpPacket::parse(packet);
    for (std::size_t i = 0; i < kDeviceBatch; ++i)
      benchmark::DoNotOptimize(table_.lane_of(device::Way::kOut, *ip));
  }

 private:
  void pass(std::vector<std::uint8_t>& packet) {
    const auto ip = wire::IpPacket::parse(packet);
    const auto lane = table_.lane_of(device::Way::kOut, *ip);
    if (!lane) std::abort();
    table_.push(*lane, {packet}, *ip, now_);
    while (auto released = table_.release(now_)) benchmark::DoNotOptimize(released);
    table_.recycle();
  }

  base::Instant now_{1h};
  base::DropCounters drops_;
  device::Table table_{device::Side::kBeyond, 1, drops_};
  std::size_t step_;
  std::size_t next_ = 0;
  std::vector<std::vector<std::uint8_t>> packets_;
};

void pass_devices(benchmark::State& state, std::size_t step) {
  Traffic traffic(static_cast<std::size_t>(state.range(0)), step);
  for (int i = 0; i < 20; ++i) traffic.pass_batch();
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    traffic.pass_batch();
    meter.stop(kDeviceBatch);
  }
}

void pass_nobody(benchmark::State& state) {
  Traffic traffic(static_cast<std::size_t>(state.range(0)), 1);
  auto packet = packet_to(base::IpAddress::v4({192, 0, 2, 1}));
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    traffic.ask_for(packet);
    meter.stop(kDeviceBatch);
  }
}

void judge_packets(benchmark::State& state) {
  base::DropCounters drops;
  device::Table table(device::Side::kBeyond, 1, drops);
  const auto devices = static_cast<std::uint32_t>(state.range(0));
  table.add_filter({0}, {}, {});
  for (std::uint32_t i = 0; i < devices; ++i) {
    const base::Prefix match(address_of(i), 32);
    table.add({match, {match}});
    table.add_filter({i + 1}, {.device = match}, {});
  }
  const auto packet = packet_to(address_of(0));
  const auto ip = wire::IpPacket::parse(packet);
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    for (std::size_t i = 0; i < kDeviceBatch; ++i)
      benchmark::DoNotOptimize(table.judge(device::Way::kOut, *ip, {}));
    meter.stop(kDeviceBatch);
  }
}

constexpr std::size_t kPrime = 7919;

BENCHMARK_CAPTURE(pass_devices, one, 0)->ArgName("devices")->Arg(1)->Arg(10'000)->UseManualTime();
BENCHMARK_CAPTURE(pass_devices, spread, kPrime)
    ->ArgName("devices")
    ->Arg(1)
    ->Arg(100)
    ->Arg(10'000)
    ->UseManualTime();
BENCHMARK(judge_packets)->ArgName("devices")->Arg(1)->Arg(10'000)->UseManualTime();
BENCHMARK(pass_nobody)->ArgName("devices")->Arg(0)->Arg(10'000)->UseManualTime();

}  // namespace
}  // namespace sennit::bench
