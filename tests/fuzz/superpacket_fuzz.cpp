// Superpackets cut and packets joined. The first byte says which: 0 to 2 is a segmentation, followed by
// segment size, checksum start and offset and a packet to cut; 3 is followed by what to coalesce, and packets
// behind flags (1: its checksums are made right, 2: left open) and a length.
#include <algorithm>
#include <tuple>
#include <vector>

#include "fuzz/require.hpp"
#include "inbound/coalesce.hpp"
#include "property/cutting.hpp"
#include "property/reference.hpp"
#include "wire/bytes.hpp"

namespace {

using namespace sennit;
using fuzz::require;
using reference::Bytes;

bool is_cut(const base::Offload& offload) {
  return offload.segmentation != base::Segmentation::kNone;
}

void check_split(wire::Reader& input, base::Segmentation segmentation) {
  const base::Offload offload{.segmentation = segmentation,
                              .segment_size = input.u16(),
                              .checksum_start = input.u16(),
                              .checksum_offset = input.u16()};
  const base::ConstByteSpan bytes = input.rest();
  const auto ip = wire::IpPacket::parse(bytes);
  if (!ip) return;
  const auto packets = property::split(bytes, offload);
  if (!packets) return;
  const auto open = property::split_open(bytes, offload, offload.segment_size);
  require(open && property::finished(*open) == *packets, "completed at the other end, it is the same");
  if (!is_cut(offload)) return;
  require(*packets == reference::cut(bytes.first(ip->total_length), offload), "it is cut as Linux cuts it");
}

// A packet that went into the coalescer, which may rewrite it.
struct Added {
  Bytes bytes;
  Bytes original;
  wire::IpPacket ip;
  base::Checksum checksum = base::Checksum::kComplete;
  auto flow() const {
    return std::tie(ip.source, ip.destination, ip.protocol, ip.source_port, ip.destination_port);
  }
};

void make_right(Bytes& packet, const wire::IpPacket& ip) {
  const bool is_tcp = ip.protocol == 6;
  if (ip.transport_offset == 0 || ip.is_fragment || (!is_tcp && ip.protocol != 17)) return;
  reference::complete(packet, ip.transport_offset,
                      is_tcp ? reference::Transport::kTcp : reference::Transport::kUdp);
}

// Leaves the checksum open, as far as the packet has one; its original is what it is completed to.
void leave_open(Added& added) {
  const auto offload = wire::open_checksum(added.ip);
  if (!offload) return;
  reference::leave_checksum_open(added.bytes, *offload, reference::Transport{added.ip.protocol});
  added.checksum = base::Checksum::kOpen;
  added.original = property::finished({added.bytes, added.checksum});
}

std::vector<Added> read_packets(wire::Reader& input) {
  std::vector<Added> packets;
  while (input.ok() && !input.rest().empty()) {
    const unsigned flags = input.u8();
    const base::ConstByteSpan bytes = input.bytes(input.u16());
    const auto ip = wire::IpPacket::parse(bytes);
    if (!ip) continue;
    Bytes packet(bytes.begin(), bytes.begin() + ip->total_length);
    if ((flags & 1U) != 0) make_right(packet, *ip);
    packets.push_back({.bytes = packet, .original = packet, .ip = *ip});
    if ((flags & 2U) != 0) leave_open(packets.back());
  }
  return packets;
}

// The packet in whose bytes `part` lies.
std::size_t find(const std::vector<Added>& packets, base::ConstByteSpan part) {
  const auto holds = [&](const Added& added) {
    return part.data() >= added.bytes.data() && part.data() < added.bytes.data() + added.bytes.size();
  };
  return static_cast<std::size_t>(std::ranges::find_if(packets, holds) - packets.begin());
}

// The indexes of the packets in the order in which they come out.
std::vector<std::size_t> delivered(const std::vector<Added>& packets,
                                   std::span<const base::InboundPacket> items) {
  std::vector<std::size_t> order;
  for (const base::InboundPacket& item : items) {
    std::vector<std::size_t> parts = {find(packets, item.bytes)};
    for (const base::ConstByteSpan part : item.more) parts.push_back(find(packets, part));
    const Bytes all = property::whole(item);
    const auto cut = property::split(all, item.offload);
    require(cut && cut->size() == parts.size(), "a superpacket can be cut");
    for (std::size_t i = 0; i < parts.size(); ++i) {
      require(parts[i] < packets.size() && packets[parts[i]].original == (*cut)[i], "it is what was added");
    }
    order.insert(order.end(), parts.begin(), parts.end());
  }
  return order;
}

void check_order(const std::vector<Added>& packets, const std::vector<std::size_t>& order) {
  require(order.size() == packets.size(), "every packet comes out");
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const bool is_overtaken = order[i] >= order[j];
      require(!is_overtaken || packets[order[i]].flow() != packets[order[j]].flow(),
              "a flow keeps its order");
    }
  }
}

void check_coalesce(wire::Reader& input) {
  inbound::Coalescer coalescer(static_cast<inbound::Coalescing>(input.u8() % 3));
  std::vector<Added> packets = read_packets(input);
  for (Added& packet : packets) coalescer.add({packet.bytes, packet.checksum}, packet.ip);
  check_order(packets, delivered(packets, coalescer.finish()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::Reader input(base::ConstByteSpan(data, size));
  switch (const auto what = input.u8() % 4U) {
    case 3: check_coalesce(input); break;
    default: check_split(input, static_cast<base::Segmentation>(what));
  }
  return 0;
}
