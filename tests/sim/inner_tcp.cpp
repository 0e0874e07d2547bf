#include "sim/inner_tcp.hpp"

#include "wire/bytes.hpp"

namespace sennit::sim {

namespace {

enum Option : std::uint8_t {
  kNoOperation = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8
};

std::size_t header_size(const InnerTcp& tcp) {
  const std::size_t syn = (tcp.flags & InnerTcp::kSyn) != 0 ? 12 : 0;
  return 32 + syn + (tcp.blocks.empty() ? 0 : 4 + 8 * tcp.blocks.size());
}

void write_syn_options(wire::Writer& out, std::uint16_t mss) {
  out.u8(kMss);
  out.u8(4);
  out.u16(mss);
  out.u8(kSackPermitted);
  out.u8(2);
  out.u16(kNoOperation << 8U | kNoOperation);
  out.u32(kNoOperation << 24U | kWindowScale << 16U | 3U << 8U | 7U);
}

void write_options(wire::Writer& out, const InnerTcp& tcp) {
  if ((tcp.flags & InnerTcp::kSyn) != 0) write_syn_options(out, tcp.mss);
  out.u32(kNoOperation << 24U | kNoOperation << 16U | kTimestamps << 8U | 10U);
  out.u32(tcp.stamp);
  out.u32(tcp.echo);
  if (tcp.blocks.empty()) return;
  out.u32(static_cast<std::uint32_t>(kNoOperation << 24U | kNoOperation << 16U | kSack << 8U |
                                     (2 + 8 * tcp.blocks.size())));
  for (const auto& [first, end] : tcp.blocks) {
    out.u32(first);
    out.u32(end);
  }
}

void read_option(std::uint8_t kind, wire::Reader value, InnerTcp& tcp) {
  if (kind == kMss) tcp.mss = value.u16();
  if (kind == kTimestamps) {
    tcp.stamp = value.u32();
    tcp.echo = value.u32();
  }
  if (kind != kSack) return;
  while (value.rest().size() >= 8) {
    const auto first = value.u32();
    tcp.blocks.emplace_back(first, value.u32());
  }
}

bool read_options(wire::Reader in, InnerTcp& tcp) {
  while (in.ok() && !in.rest().empty()) {
    const auto kind = in.u8();
    if (kind == kNoOperation) continue;
    const auto length = in.u8();
    if (length < 2) return false;
    read_option(kind, wire::Reader(in.bytes(length - 2U)), tcp);
  }
  return in.ok();
}

}  // namespace

std::vector<std::uint8_t> InnerTcp::serialize() const {
  const InnerIp ip{source.address, destination.address, wire::IpProtocol::kTcp, ecn};
  const auto header = header_size(*this);
  auto packet = ip.packet_for(header + payload_size);
  wire::Writer out(base::ByteSpan(packet).subspan(InnerIp::header_size(source.address.family())));
  out.u16(source.port);
  out.u16(destination.port);
  out.u32(sequence);
  out.u32(acknowledged);
  out.u8(static_cast<std::uint8_t>(header / 4 << 4U));
  out.u8(flags);
  out.u16(window);
  out.u32(0);
  write_options(out, *this);
  if (payload_size > 0) out.u64(tag);
  complete_checksum(packet, ip, 16);
  return packet;
}

std::optional<InnerTcp> InnerTcp::parse(base::ConstByteSpan packet) {
  const auto ip = parse_inner(packet, wire::IpProtocol::kTcp);
  if (!ip) return std::nullopt;
  wire::Reader in(packet.subspan(ip->transport_offset + 4U));
  InnerTcp tcp{{ip->source, ip->source_port}, {ip->destination, ip->destination_port}};
  tcp.ecn = static_cast<Ecn>(ip->traffic_class & 3U);
  tcp.sequence = in.u32();
  tcp.acknowledged = in.u32();
  const std::size_t header = (in.u8() >> 4U) * 4U;
  tcp.flags = in.u8();
  tcp.window = in.u16();
  in.skip(4);
  if (header < 20 || !read_options(wire::Reader(in.bytes(header - 20)), tcp)) return std::nullopt;
  tcp.payload_size = in.rest().size();
  if (tcp.payload_size > 0) tcp.tag = in.u64();
  return in.ok() ? std::optional(std::move(tcp)) : std::nullopt;
}

}  // namespace sennit::sim
