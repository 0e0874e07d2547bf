#include "wire/icmp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/wire/packets.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;
using testing::ElementsAreArray;

constexpr std::uint8_t kIcmpV4 = 1;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmpV6 = 58;

const base::IpAddress kOwnV4 = base::IpAddress::parse("10.77.0.1").value();
const base::IpAddress kOwnV6 = base::IpAddress::parse("fd00:4d::1").value();

// The answer to `packet`; empty where there is none.
Bytes answer(const Bytes& packet, const base::IpAddress& own, unsigned mtu = 1400) {
  Bytes out(kMaxIcmpAnswer);
  const auto ip = IpPacket::parse(packet);
  EXPECT_TRUE(ip);
  out.resize(write_too_big(packet, *ip, own, InnerMtu{static_cast<std::uint16_t>(mtu)}, out));
  return out;
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

TEST(TooBig, OverIpv4IsFragmentationNeeded) {
  const Bytes packet = packets::ipv4(kUdp, packets::udp(Bytes(100, 0xAB)));
  const Bytes reply = answer(packet, kOwnV4);
  const auto ip = IpPacket::parse(reply);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source, kOwnV4);
  EXPECT_EQ(ip->destination.to_string(), "192.0.2.1");
  EXPECT_EQ(ip->protocol, kIcmpV4);
  EXPECT_EQ(ip->traffic_class, 0xC0);
  EXPECT_EQ(ip->total_length, reply.size());
  EXPECT_TRUE(packets::has_valid_ipv4_header(reply));
  EXPECT_TRUE(packets::has_valid_checksum(reply, 20, kIcmpV4));
  EXPECT_EQ(slice(reply, 20, 22), (Bytes{3, 4}));
  EXPECT_EQ(slice(reply, 24, 28), (Bytes{0, 0, 0x05, 0x78}));
  EXPECT_EQ(slice(reply, 28, reply.size()), packet);
}

TEST(TooBig, OverIpv6IsPacketTooBig) {
  const Bytes packet = packets::ipv6(kUdp, packets::udp(Bytes(100, 0xAB)));
  const Bytes reply = answer(packet, kOwnV6);
  const auto ip = IpPacket::parse(reply);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source, kOwnV6);
  EXPECT_EQ(ip->destination.to_string(), "2001:db8::1");
  EXPECT_EQ(ip->protocol, kIcmpV6);
  EXPECT_EQ(ip->total_length, reply.size());
  EXPECT_TRUE(packets::has_valid_checksum(reply, 40, kIcmpV6));
  EXPECT_EQ(slice(reply, 40, 42), (Bytes{2, 0}));
  EXPECT_EQ(slice(reply, 44, 48), (Bytes{0, 0, 0x05, 0x78}));
  EXPECT_EQ(slice(reply, 48, reply.size()), packet);
}

TEST(TooBig, QuotesAsMuchAsTheStandardsAllow) {
  for (std::size_t size = 0; size < 1500; ++size) {
    const Bytes v4 = packets::ipv4(kUdp, packets::udp(Bytes(size, 0xAB)));
    const Bytes reply_v4 = answer(v4, kOwnV4);
    ASSERT_EQ(reply_v4.size(), std::min<std::size_t>(576, 28 + v4.size()));
    ASSERT_TRUE(packets::has_valid_checksum(reply_v4, 20, kIcmpV4));
    const Bytes v6 = packets::ipv6(kUdp, packets::udp(Bytes(size, 0xAB)));
    const Bytes reply_v6 = answer(v6, kOwnV6);
    ASSERT_EQ(reply_v6.size(), std::min<std::size_t>(1280, 48 + v6.size()));
    ASSERT_TRUE(packets::has_valid_checksum(reply_v6, 40, kIcmpV6));
  }
}

TEST(TooBig, DoesNotQuoteTrailingBytes) {
  Bytes packet = packets::ipv4(kUdp, packets::udp({1}));
  const std::size_t size = packet.size();
  packet.resize(200, 0xEE);
  EXPECT_EQ(answer(packet, kOwnV4).size(), 28 + size);
}

TEST(TooBig, NeverTellsIpv6OfLessThan1280) {
  const Bytes packet = packets::ipv6(kUdp, packets::udp(Bytes(1300)));
  EXPECT_EQ(slice(answer(packet, kOwnV6, 1279), 44, 48), (Bytes{0, 0, 0x05, 0x00}));
  EXPECT_EQ(slice(answer(packet, kOwnV6, 1281), 44, 48), (Bytes{0, 0, 0x05, 0x01}));
  const Bytes v4 = packets::ipv4(kUdp, packets::udp(Bytes(1300)));
  EXPECT_EQ(slice(answer(v4, kOwnV4, 576), 26, 28), (Bytes{0x02, 0x40}));
}

TEST(TooBig, AnswersIcmpInquiriesButNotIcmpErrors) {
  for (unsigned type = 0; type < 256; ++type) {
    Bytes message(8);
    message[0] = static_cast<std::uint8_t>(type);
    const bool is_v4_error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    EXPECT_EQ(answer(packets::ipv4(kIcmpV4, message), kOwnV4).empty(), is_v4_error) << type;
    const bool is_v6_error = type < 128 || type == 137;
    EXPECT_EQ(answer(packets::ipv6(kIcmpV6, message), kOwnV6).empty(), is_v6_error) << type;
  }
}

struct HostCase {
  const char* address;
  bool may_send;
  bool may_receive;
};

TEST(TooBig, IsOnlySentToOneHostAndOnlyAboutPacketsForOne) {
  const HostCase cases[] = {
      {"10.1.2.3", true, true},
      {"0.0.0.0", false, true},
      {"0.1.2.3", false, true},
      {"127.0.0.1", false, true},
      {"223.255.255.255", true, true},
      {"224.0.0.1", false, false},
      {"239.1.2.3", false, false},
      {"240.0.0.1", false, false},
      {"255.255.255.255", false, false},
      {"2001:db8::5", true, true},
      {"fe80::1", true, true},
      {"::", false, true},
      {"::1", false, true},
      {"::2", true, true},
      {"ff02::1", false, false},
      {"ff0e::1:2", false, false},
  };
  for (const HostCase& c : cases) {
    const auto address = base::IpAddress::parse(c.address).value();
    const bool is_v4 = address.family() == base::Family::kV4;
    const Bytes packet =
        is_v4 ? packets::ipv4(kUdp, packets::udp({})) : packets::ipv6(kUdp, packets::udp({}));
    const base::IpAddress& own = is_v4 ? kOwnV4 : kOwnV6;
    Bytes from = packet;
    std::ranges::copy(address.bytes(), from.begin() + (is_v4 ? 12 : 8));
    EXPECT_EQ(!answer(from, own).empty(), c.may_send) << c.address;
    Bytes to = packet;
    std::ranges::copy(address.bytes(), to.begin() + (is_v4 ? 16 : 24));
    EXPECT_EQ(!answer(to, own).empty(), c.may_receive) << c.address;
  }
}

TEST(TooBig, IsNotSentAboutLaterFragments) {
  Bytes v4 = packets::ipv4(kUdp, packets::udp({}));
  v4[6] = 0x20;
  EXPECT_FALSE(answer(v4, kOwnV4).empty()) << "the first";
  v4[7] = 1;
  EXPECT_TRUE(answer(v4, kOwnV4).empty()) << "a later one";
  const Bytes first = {kUdp, 0, 0, 1, 0, 0, 0, 9, 1, 1, 1, 1, 0, 8, 0, 0};
  EXPECT_FALSE(answer(packets::ipv6(44, first), kOwnV6).empty()) << "the first";
  const Bytes later = {kUdp, 0, 1, 1, 0, 0, 0, 9, 1, 1, 1, 1, 0, 8, 0, 0};
  EXPECT_TRUE(answer(packets::ipv6(44, later), kOwnV6).empty()) << "a later one";
}

TEST(TooBig, IsNotSentWhereTheTransportHeaderIsCut) {
  EXPECT_TRUE(answer(packets::ipv4(kIcmpV4, {8, 0, 0, 0}), kOwnV4).empty());
  EXPECT_TRUE(answer(packets::ipv6(60, {kIcmpV6, 9}), kOwnV6).empty());
}

TEST(TooBig, NeedsAnAddressOfTheSameFamilyToSendFrom) {
  const Bytes v4 = packets::ipv4(kUdp, packets::udp({}));
  EXPECT_TRUE(answer(v4, kOwnV6).empty());
  EXPECT_TRUE(answer(v4, {}).empty());
  EXPECT_TRUE(answer(v4, base::IpAddress::parse("0.0.0.0").value()).empty());
  EXPECT_TRUE(answer(packets::ipv6(kUdp, packets::udp({})), kOwnV4).empty());
}

TEST(TooBig, IsNotWrittenWhereItDoesNotFit) {
  const Bytes packet = packets::ipv4(kUdp, packets::udp(Bytes(100)));
  const auto ip = IpPacket::parse(packet);
  Bytes out(100);
  EXPECT_EQ(write_too_big(packet, *ip, kOwnV4, InnerMtu{1400}, out), 0U);
}

}  // namespace
}  // namespace sennit::wire
