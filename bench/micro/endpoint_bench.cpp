// Whole endpoints, a batch of 64 packets at a time: does the cost of a packet depend on peers or paths?
//   one    all packets are of one peer; the others are silent. Growth here is an algorithm's.
//   spread every packet is of another peer. Growth here is also the cache's.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "micro/meter.hpp"
#include "micro/network.hpp"
#include "micro/packets.hpp"
#include "micro/superpacket.hpp"

namespace sennit::bench {
namespace {

enum class Spread { kOne, kAll };

// The batches that go out one after another: so many that every peer has its turn.
std::vector<Batch> batches_to_clients(const Network& network, Spread spread, std::size_t size) {
  const std::size_t count = spread == Spread::kOne ? 1 : (network.clients() + kBatch - 1) / kBatch;
  std::vector<Batch> batches(count);
  for (std::size_t i = 0; i < count * kBatch; ++i) {
    const std::size_t client = spread == Spread::kOne ? 0 : i * 7919 % network.clients();
    batches[i / kBatch].add(udp_packet(Network::gateway_inner(), Network::client_inner(client),
                                       static_cast<std::uint16_t>(5000 + i % kBatch), size));
  }
  return batches;
}

void outbound(benchmark::State& state, Spread spread) {
  auto& network =
      Network::of(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  auto batches = batches_to_clients(network, spread, static_cast<std::size_t>(state.range(2)));
  Meter meter(state);
  std::size_t next = 0;
  for (auto iteration : state) {
    const auto batch = batches[next++ % batches.size()].refill();
    meter.start();
    network.gateway().handle_tun(batch, network.now());
    const auto transmits = network.gateway().poll_transmit();
    meter.stop(kBatch);
    if (transmits.empty()) std::abort();
  }
}

void inbound(benchmark::State& state, Spread spread) {
  auto& network =
      Network::of(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  const auto size = static_cast<std::size_t>(state.range(2));
  Meter meter(state);
  Datagrams datagrams;
  std::size_t next = 0;
  const std::size_t clients = spread == Spread::kOne ? 1 : kBatch;
  for (auto iteration : state) {
    datagrams.clear();
    for (std::size_t i = 0; i < clients; ++i) {
      const std::size_t client = spread == Spread::kOne ? 0 : next++ * 7919 % network.clients();
      Batch batch;
      for (std::size_t k = 0; k < kBatch / clients; ++k) {
        batch.add(udp_packet(Network::client_inner(client), Network::gateway_inner(),
                             static_cast<std::uint16_t>(5000 + k), size));
      }
      network.client(client).handle_tun(batch.refill(), network.now());
      network.take_from_client(client, datagrams);
    }
    const auto arrived = datagrams.all();
    meter.start();
    network.gateway().handle_datagrams(arrived, network.now());
    const auto delivered = network.gateway().poll_tun();
    meter.stop(kBatch);
    if (delivered.size() != kBatch) std::abort();
  }
}

// A superpacket at a time, some 6 Gbit/s of them, with the reports that keep measuring the path.
enum class End { kSending, kReceiving };

void superpackets(benchmark::State& state, End measured) {
  constexpr auto kBetween = std::chrono::microseconds(80);
  constexpr int kWarmUp = 20'000;  // more than a second: rates are those of whole seconds
  auto& network = Network::of(1, static_cast<std::size_t>(state.range(0)));
  const auto pristine =
      make_superpacket(Network::gateway_inner(), Network::client_inner(0), base::Segmentation::kTcp);
  Superpacket work;
  Datagrams datagrams;
  const auto send = [&] {
    const auto packet = work.packet();
    network.gateway().handle_tun({&packet, 1}, network.now());
  };
  const auto receive = [&](std::span<const base::InboundDatagram> arrived) {
    network.client(0).handle_datagrams(arrived, network.now());
    if (network.client(0).poll_tun().size() != 1) std::abort();
  };
  const auto carry = [&](auto&& timed) {
    work = pristine;
    datagrams.clear();
    timed(End::kSending, send);
    network.take_from_gateway(datagrams);
    const auto arrived = datagrams.all();
    timed(End::kReceiving, [&] { receive(arrived); });
    network.pass(kBetween);
  };
  for (int i = 0; i < kWarmUp; ++i) carry([](End /*end*/, const auto& work_of) { work_of(); });
  Meter meter(state);
  for (auto iteration : state) {
    carry([&](End end, const auto& work_of) {
      if (end == measured) meter.start();
      work_of();
      if (end == measured) meter.stop(kSegments);
    });
  }
}
BENCHMARK_CAPTURE(superpackets, sending, End::kSending)->ArgName("paths")->UseManualTime()->Arg(1)->Arg(4);
BENCHMARK_CAPTURE(superpackets, receiving, End::kReceiving)
    ->ArgName("paths")
    ->UseManualTime()
    ->Arg(1)
    ->Arg(4);

void arguments(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"peers", "paths", "bytes"})->UseManualTime();
  benchmark->Args({1, 1, 200});
  for (const int peers : {1, 10, 1000, 10'000}) benchmark->Args({peers, 1, 1400});
  for (const int paths : {4, 32}) benchmark->Args({1, paths, 1400});
}

BENCHMARK_CAPTURE(outbound, one, Spread::kOne)->Apply(arguments);
BENCHMARK_CAPTURE(outbound, spread, Spread::kAll)->Apply(arguments);
BENCHMARK_CAPTURE(inbound, one, Spread::kOne)->Apply(arguments);
BENCHMARK_CAPTURE(inbound, spread, Spread::kAll)->Apply(arguments);

}  // namespace
}  // namespace sennit::bench
