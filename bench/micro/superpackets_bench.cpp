// Superpackets cut, and packets joined to superpackets: 45 packets of one flow, and packets of many flows, of
// which nothing can be joined.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "inbound/coalesce.hpp"
#include "micro/meter.hpp"
#include "micro/packets.hpp"
#include "micro/superpacket.hpp"
#include "outbound/split.hpp"

namespace sennit::bench {
namespace {

const auto kSource = *base::IpAddress::parse("10.77.0.2");
const auto kDestination = *base::IpAddress::parse("10.77.0.1");
// Above which size checksums stay open.
constexpr std::size_t kNothingOpen = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kAllOpen = 0;

void split(benchmark::State& state, base::Segmentation kind, std::size_t open_above) {
  const auto pristine = make_superpacket(kSource, kDestination, kind);
  Superpacket work;
  Meter meter(state);
  for (auto iteration : state) {
    work = pristine;
    const auto packet = work.packet();
    meter.start();
    auto splitter = outbound::Splitter::make(packet, *wire::IpPacket::parse(packet.bytes));
    splitter->leave_open_above(open_above);
    std::size_t count = 0;
    while (!splitter->next().bytes.empty()) ++count;
    meter.stop(kSegments);
    if (count != kSegments) std::abort();
  }
}
BENCHMARK_CAPTURE(split, tcp, base::Segmentation::kTcp, kNothingOpen)->UseManualTime();
BENCHMARK_CAPTURE(split, udp, base::Segmentation::kUdp, kNothingOpen)->UseManualTime();
BENCHMARK_CAPTURE(split, tcp_open, base::Segmentation::kTcp, kAllOpen)->UseManualTime();
BENCHMARK_CAPTURE(split, udp_open, base::Segmentation::kUdp, kAllOpen)->UseManualTime();

struct Packet {
  std::vector<std::uint8_t> bytes;
  base::Checksum checksum = base::Checksum::kComplete;
};
using Packets = std::vector<Packet>;

Packets cut(Superpacket superpacket, std::size_t open_above) {
  const auto packet = superpacket.packet();
  auto splitter = outbound::Splitter::make(packet, *wire::IpPacket::parse(packet.bytes));
  splitter->leave_open_above(open_above);
  Packets packets;
  for (auto piece = splitter->next(); !piece.bytes.empty(); piece = splitter->next())
    packets.push_back({{piece.bytes.begin(), piece.bytes.end()}, piece.checksum});
  return packets;
}

Packets of_many_flows() {
  Packets packets;
  for (std::uint16_t i = 0; i < kBatch; ++i) packets.push_back({udp_packet(kSource, kDestination, i, 200)});
  return packets;
}

void coalesce(benchmark::State& state, const Packets& pristine, std::size_t expected) {
  inbound::Coalescer coalescer(inbound::Coalescing::kTcpAndUdp);
  Meter meter(state);
  for (auto iteration : state) {
    auto packets = pristine;
    coalescer.clear();
    meter.start();
    for (auto& packet : packets)
      coalescer.add({packet.bytes, packet.checksum}, *wire::IpPacket::parse(packet.bytes));
    const auto delivered = coalescer.finish();
    meter.stop(packets.size());
    if (delivered.size() != expected) std::abort();
  }
}
BENCHMARK_CAPTURE(coalesce, tcp,
                  cut(make_superpacket(kSource, kDestination, base::Segmentation::kTcp), kNothingOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, udp,
                  cut(make_superpacket(kSource, kDestination, base::Segmentation::kUdp), kNothingOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, tcp_open,
                  cut(make_superpacket(kSource, kDestination, base::Segmentation::kTcp), kAllOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, udp_open,
                  cut(make_superpacket(kSource, kDestination, base::Segmentation::kUdp), kAllOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, udp_of_many_flows, of_many_flows(), kBatch)->UseManualTime();

}  // namespace
}  // namespace sennit::bench
