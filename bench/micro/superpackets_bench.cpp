// Superpackets cut, and packets joined to superpackets: 45 packets of one flow, and packets of many flows, of
// which nothing can be joined.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "inbound/coalesce.hpp"
#include "micro/meter.hpp"
#include "micro/packets.hpp"
#include "outbound/split.hpp"

namespace sennit::bench {
namespace {

const auto kSource = *base::IpAddress::parse("10.77.0.2");
const auto kDestination = *base::IpAddress::parse("10.77.0.1");
constexpr std::size_t kPayload = 1400;
constexpr std::size_t kSegments = 45;
constexpr std::uint8_t kIpHeader = 20;
// Above which size checksums stay open.
constexpr std::size_t kNothingOpen = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kAllOpen = 0;

struct Superpacket {
  std::vector<std::uint8_t> bytes;  // with headroom
  base::Offload offload;
  base::OutboundPacket packet() { return {base::ByteSpan(bytes).subspan(base::kHeadroom), offload}; }
};

// Where the kernel leaves the transport checksum undone, its field holds the sum of the pseudo header.
void put_pseudo_sum(base::ByteSpan packet, std::uint8_t protocol, std::size_t offset) {
  const auto size = static_cast<std::uint32_t>(packet.size() - kIpHeader);
  const auto sum = wire::checksum_finish(wire::checksum_add(packet.subspan(12, 8), protocol + size));
  wire::Writer(packet.subspan(kIpHeader + offset)).u16(static_cast<std::uint16_t>(~sum));
}

Superpacket make_superpacket(base::Segmentation kind) {
  const bool is_tcp = kind == base::Segmentation::kTcp;
  const std::uint8_t checksum_offset = is_tcp ? 16 : 6;
  auto packet =
      udp_packet(kSource, kDestination, 4000, kIpHeader + (is_tcp ? 20U : 8U) + kSegments * kPayload);
  const base::ByteSpan bytes(packet);
  if (is_tcp) {
    packet[9] = 6;
    wire::Writer(bytes.subspan(10)).u16(0);
    wire::Writer(bytes.subspan(10)).u16(wire::checksum_finish(wire::checksum_add(bytes.first(kIpHeader), 0)));
    wire::Writer tcp(bytes.subspan(kIpHeader + 4));
    tcp.u32(1'000'000);  // sequence
    tcp.u32(2'000'000);  // acknowledgement
    tcp.u16(0x5010);     // 20 bytes, ACK
    tcp.u16(0xFFFF);     // window
    tcp.u32(0);
  }
  put_pseudo_sum(bytes, is_tcp ? 6 : 17, checksum_offset);
  Superpacket made{std::vector<std::uint8_t>(base::kHeadroom + packet.size()),
                   {kind, kPayload, kIpHeader, checksum_offset}};
  std::ranges::copy(packet, made.packet().bytes.begin());
  return made;
}

void split(benchmark::State& state, base::Segmentation kind, std::size_t open_above) {
  const auto pristine = make_superpacket(kind);
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
BENCHMARK_CAPTURE(coalesce, tcp, cut(make_superpacket(base::Segmentation::kTcp), kNothingOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, udp, cut(make_superpacket(base::Segmentation::kUdp), kNothingOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, tcp_open, cut(make_superpacket(base::Segmentation::kTcp), kAllOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, udp_open, cut(make_superpacket(base::Segmentation::kUdp), kAllOpen), 1)
    ->UseManualTime();
BENCHMARK_CAPTURE(coalesce, udp_of_many_flows, of_many_flows(), kBatch)->UseManualTime();

}  // namespace
}  // namespace sennit::bench
