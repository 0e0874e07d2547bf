#include "wire/repair_checksums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"

namespace sennit::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

// An IPv4 packet of this protocol whose checksums are nonsense.
Bytes packet_of(IpProtocol protocol) {
  Bytes packet(64);
  packet[0] = 0x45;
  store_u16(packet, kIpv4Length, 64);
  packet[8] = 64;
  packet[9] = static_cast<std::uint8_t>(protocol);
  const std::array<std::uint8_t, 8> addresses{10, 0, 0, 1, 10, 0, 0, 2};
  std::ranges::copy(addresses, packet.begin() + kIpv4Addresses);
  if (protocol == IpProtocol::kTcp) packet[20 + kTcpDataOffset] = 0x50;
  std::fill(packet.begin() + 40, packet.end(), std::uint8_t{0xA5});
  packet[20 + kUdpChecksum] = 0x12;
  packet[20 + 16] = 0x34;
  packet[20 + 2] = 0x56;
  return packet;
}

TEST(RepairChecksums, MakesHeaderAndTransportAddUpToAllOnes) {
  for (const auto protocol : {IpProtocol::kTcp, IpProtocol::kUdp, IpProtocol::kIcmp}) {
    auto packet = packet_of(protocol);
    const auto ip = *IpPacket::parse(packet);
    repair_checksums(packet, ip);
    const base::ConstByteSpan bytes(packet);
    EXPECT_EQ(checksum_fold(checksum_add(bytes.first(20), 0)), 0xFFFF);
    const auto pseudo =
        protocol == IpProtocol::kIcmp ? 0 : pseudo_header_sum(ip.source, ip.destination, ip.protocol, 44);
    EXPECT_EQ(checksum_fold(checksum_add(bytes.subspan(20), pseudo)), 0xFFFF);
  }
}

TEST(RepairChecksums, LeavesUdpWithoutAChecksumWithoutOne) {
  auto packet = packet_of(IpProtocol::kUdp);
  store_u16(packet, 20 + kUdpChecksum, 0);
  repair_checksums(packet, *IpPacket::parse(packet));
  EXPECT_EQ(load_u16(packet, 20 + kUdpChecksum), 0);
}

TEST(RepairChecksums, LeavesTheTransportOfAFragmentAlone) {
  auto packet = packet_of(IpProtocol::kTcp);
  packet[6] = 0x20;  // more fragments
  const Bytes before(packet.begin() + 20, packet.end());
  repair_checksums(packet, *IpPacket::parse(packet));
  EXPECT_EQ(Bytes(packet.begin() + 20, packet.end()), before);
}

}  // namespace
}  // namespace sennit::wire
