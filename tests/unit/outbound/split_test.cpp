#include "outbound/split.hpp"

#include <gtest/gtest.h>

#include "property/cutting.hpp"

namespace sennit::outbound {
namespace {

using base::Offload;
using base::Segmentation;
using property::split;
using reference::Bytes;
using reference::Look;
using reference::Transport;
using reference::Version;

using Packets = std::vector<Bytes>;

constexpr std::size_t kSegment = 100;

Bytes payload_of(std::size_t size) {
  Bytes payload(size);
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return payload;
}

Bytes superpacket(const Look& look, std::size_t payload) {
  Bytes packet = reference::packet_of(look, payload_of(payload));
  reference::leave_checksum_open(packet, reference::offload_of(look, kSegment), look.transport);
  return packet;
}

std::vector<Look> looks() {
  const Bytes timestamps = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
  return {
      {},
      {.tcp_options = timestamps},
      {.fragmentation = 0, .between = {1, 1, 1, 0}, .tcp_options = Bytes(40, 1)},
      {.between = Bytes(40, 1), .tcp_options = Bytes(40, 1)},
      {.id = 0xFFFE, .sequence = 0xFFFF'FFC0},
      {.version = Version::kV6, .flow_label = 0xABCDE, .tcp_options = timestamps},
      {.version = Version::kV6, .between = {1, 4, 0, 0, 0, 0}},
      {.transport = Transport::kUdp},
      {.version = Version::kV6, .transport = Transport::kUdp, .traffic_class = 0xB9},
  };
}

TEST(Splitter, CutsAsTheReferenceDoesForEveryKindOfHeaderAndEverySize) {
  for (const Look& look : looks()) {
    for (const std::size_t size : {0U, 1U, 99U, 100U, 101U, 199U, 200U, 201U, 1000U, 6401U, 65'000U}) {
      const Bytes all = superpacket(look, size);
      const Offload offload = reference::offload_of(look, kSegment);
      const auto packets = split(all, offload);
      ASSERT_TRUE(packets) << size;
      EXPECT_EQ(*packets, reference::cut(all, offload)) << size;
    }
  }
}

TEST(Splitter, KeepsFinAndPushForTheLastPacketAndCwrForTheFirst) {
  const Look look{.flags = reference::kAck | reference::kFin | reference::kPsh | reference::kCwr |
                           reference::kEce};
  const auto packets = split(superpacket(look, 250), reference::offload_of(look, kSegment));
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 3U);
  EXPECT_EQ(packets->at(0).at(33), reference::kAck | reference::kEce | reference::kCwr);
  EXPECT_EQ(packets->at(1).at(33), reference::kAck | reference::kEce);
  EXPECT_EQ(packets->at(2).at(33), reference::kAck | reference::kEce | reference::kPsh | reference::kFin);
}

TEST(Splitter, LeavesAPacketWithNothingToDoAsItIs) {
  Bytes packet = reference::packet_of({}, payload_of(77));
  packet.at(36) ^= 1;  // a wrong checksum is the sender's business
  EXPECT_EQ(split(packet, {}), Packets{packet});
}

TEST(Splitter, CompletesTheChecksumOfAPacketThatIsNotCut) {
  for (const Look& look : looks()) {
    for (const std::size_t size : {0U, 1U, 77U, 1400U}) {
      Offload offload = reference::offload_of(look, 0);
      offload.segmentation = Segmentation::kNone;
      EXPECT_EQ(split(superpacket(look, size), offload),
                Packets{reference::packet_of(look, payload_of(size))})
          << size;
    }
  }
}

TEST(Splitter, LeavesTheChecksumsOfLargePacketsOpenWhereThatIsAskedFor) {
  for (const Look& look : looks()) {
    const Bytes all = superpacket(look, 1010);
    const Offload offload = reference::offload_of(look, kSegment);
    const std::size_t headers = all.size() - 1010;
    for (const std::size_t limit : {std::size_t{0}, headers + 10, headers + kSegment}) {
      const auto pieces = property::split_open(all, offload, limit);
      ASSERT_TRUE(pieces);
      EXPECT_EQ(property::finished(*pieces), reference::cut(all, offload));
      for (const property::Piece& piece : *pieces) {
        const bool is_open = piece.checksum == base::Checksum::kOpen;
        EXPECT_EQ(is_open, piece.bytes.size() > limit);
        Bytes open = piece.bytes;
        reference::leave_checksum_open(open, offload, look.transport);
        EXPECT_EQ(open == piece.bytes, is_open);
      }
    }
  }
}

TEST(Splitter, LeavesAPacketThatIsNotCutAsItIsWhereItsChecksumStaysOpen) {
  for (const Look& look : looks()) {
    Offload offload = reference::offload_of(look, 0);
    offload.segmentation = Segmentation::kNone;
    const Bytes all = superpacket(look, 1400);
    const auto pieces = property::split_open(all, offload, 1000);
    ASSERT_TRUE(pieces);
    EXPECT_EQ(*pieces, (std::vector{property::Piece{all, base::Checksum::kOpen}}));
  }
}

TEST(Splitter, CompletesWhatTheOtherEndCouldNot) {
  const Look udp{.transport = Transport::kUdp};
  Look fragment = udp;
  fragment.fragmentation = 0x2000;
  const std::pair<Bytes, Offload> table[] = {
      {superpacket(udp, 1400), {.checksum_start = 28, .checksum_offset = 6}},   // a transport in the payload
      {superpacket(udp, 1400), {.checksum_start = 20, .checksum_offset = 16}},  // another field
      {superpacket(fragment, 1400), {.checksum_start = 20, .checksum_offset = 6}},
  };
  for (const auto& [packet, offload] : table) {
    const auto pieces = property::split_open(packet, offload, 0);
    ASSERT_TRUE(pieces);
    EXPECT_EQ(pieces->at(0).checksum, base::Checksum::kComplete);
    EXPECT_EQ(pieces->at(0).bytes, reference::cut(packet, offload).at(0));
  }
}

TEST(Splitter, SaysNothingOfAPacketWhoseChecksumTheKernelCompleted) {
  const Bytes packet = reference::packet_of({}, payload_of(1400));
  EXPECT_EQ(property::split_open(packet, {}, 0).value().at(0).checksum, base::Checksum::kComplete);
}

TEST(Splitter, WritesAZeroUdpChecksumAs65535) {
  const Look look{.transport = Transport::kUdp};
  Bytes payload = {0, 0};
  const Bytes before = reference::packet_of(look, payload);
  payload = {before.at(26), before.at(27)};  // now all words add up to 65535
  Bytes packet = reference::packet_of(look, payload);
  ASSERT_EQ(reference::get_u16(packet, 26), 0xFFFFU);
  Offload offload = reference::offload_of(look, 2);
  reference::leave_checksum_open(packet, offload, look.transport);
  EXPECT_EQ(reference::get_u16(split(packet, offload).value().front(), 26), 0xFFFFU);
  offload.segmentation = Segmentation::kNone;
  EXPECT_EQ(reference::get_u16(split(packet, offload).value().front(), 26), 0xFFFFU);
}

TEST(Splitter, CutsOnlyAsFarAsIpSays) {
  const Bytes all = superpacket({}, 250);
  Bytes padded = all;
  padded.resize(all.size() + 300);
  const Offload offload = reference::offload_of({}, kSegment);
  EXPECT_EQ(split(padded, offload), split(all, offload));
}

struct Misfit {
  const char* why;
  Look look;
  Offload offload;
};

TEST(Splitter, RefusesAnOffloadThatDoesNotFitThePacket) {
  const Look tcp;
  const Look udp{.transport = Transport::kUdp};
  const Offload cut_tcp = reference::offload_of(tcp, kSegment);
  const Offload cut_udp = reference::offload_of(udp, kSegment);
  const auto with = [](Offload offload, std::uint16_t Offload::*field, std::uint16_t value) {
    offload.*field = value;
    return offload;
  };
  Look fragment = tcp;
  fragment.fragmentation = 0x2000;
  const Misfit table[] = {
      {"UDP cut as TCP", udp, cut_tcp},
      {"TCP cut as UDP", tcp, cut_udp},
      {"a segment size of zero", tcp, with(cut_tcp, &Offload::segment_size, 0)},
      {"no transport header", tcp, with(cut_tcp, &Offload::checksum_start, 0)},
      {"another transport header", tcp, with(cut_tcp, &Offload::checksum_start, 24)},
      {"another checksum field", tcp, with(cut_tcp, &Offload::checksum_offset, 6)},
      {"another checksum field", udp, with(cut_udp, &Offload::checksum_offset, 16)},
      {"a fragment", fragment, cut_tcp},
      {"more headers than any host makes", {.version = Version::kV6, .between = Bytes(254)}, {}},
      {"a checksum behind the end", udp, {.checksum_start = 20, .checksum_offset = 107}},
      {"a checksum behind everything", udp, {.checksum_start = 0xFFFF, .checksum_offset = 0xFFFF}},
  };
  for (const Misfit& misfit : table) {
    const bool is_too_long = misfit.offload == Offload{};
    const Offload offload = is_too_long ? reference::offload_of(misfit.look, kSegment) : misfit.offload;
    EXPECT_FALSE(split(superpacket(misfit.look, 100), offload)) << misfit.why;
  }
}

TEST(Splitter, RefusesATcpHeaderThatDoesNotEndWithinThePacket) {
  for (const unsigned data_offset : {0U, 1U, 4U, 7U, 15U}) {
    Bytes packet = superpacket({}, 4);
    packet.at(32) = static_cast<std::uint8_t>(data_offset << 4U);
    EXPECT_FALSE(split(packet, reference::offload_of({}, kSegment))) << data_offset;
  }
}

TEST(Splitter, CompletesAChecksumInTheLastTwoBytes) {
  Bytes packet = reference::packet_of({.transport = Transport::kUdp}, Bytes(10));
  const Offload offload{.checksum_start = 28, .checksum_offset = 8};
  const auto packets = split(packet, offload);
  ASSERT_TRUE(packets);
  EXPECT_EQ(reference::get_u16(packets->front(), 36), 0xFFFFU);
}

}  // namespace
}  // namespace sennit::outbound
