#include "wire/ip.hpp"

#include <gtest/gtest.h>

#include "unit/wire/packets.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmpV6 = 58;

Bytes join(const Bytes& first, const Bytes& second) {
  Bytes joined = first;
  joined.insert(joined.end(), second.begin(), second.end());
  return joined;
}

TEST(IpPacket, OfIpv4ShowsWhatItsHeadersSay) {
  Bytes bytes = packets::ipv4(kTcp, packets::tcp(packets::kSyn, {}));
  bytes[1] = 0xB9;
  const auto ip = IpPacket::parse(bytes);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source.to_string(), "192.0.2.1");
  EXPECT_EQ(ip->destination.to_string(), "198.51.100.2");
  EXPECT_EQ(ip->protocol, kTcp);
  EXPECT_EQ(ip->traffic_class, 0xB9);
  EXPECT_EQ(ip->source_port, 1000);
  EXPECT_EQ(ip->destination_port, 2000);
  EXPECT_EQ(ip->transport_offset, 20);
  EXPECT_EQ(ip->total_length, 40);
  EXPECT_TRUE(ip->dont_fragment);
  EXPECT_FALSE(ip->is_fragment);
}

TEST(IpPacket, OfIpv6ShowsWhatItsHeadersSay) {
  Bytes bytes = packets::ipv6(kUdp, packets::udp({1, 2, 3}));
  bytes[0] = 0x6B;
  bytes[1] = 0x9F;
  const auto ip = IpPacket::parse(bytes);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source.to_string(), "2001:db8::1");
  EXPECT_EQ(ip->destination.to_string(), "2001:db8::2");
  EXPECT_EQ(ip->protocol, kUdp);
  EXPECT_EQ(ip->traffic_class, 0xB9);
  EXPECT_EQ(ip->source_port, 3000);
  EXPECT_EQ(ip->destination_port, 4000);
  EXPECT_EQ(ip->transport_offset, 40);
  EXPECT_EQ(ip->total_length, 51);
  EXPECT_TRUE(ip->dont_fragment);
  EXPECT_FALSE(ip->is_fragment);
}

TEST(IpPacket, OfOtherVersionsIsNone) {
  for (unsigned version = 0; version < 16; ++version) {
    Bytes bytes(64, 0);
    bytes[0] = static_cast<std::uint8_t>(version << 4U | 5U);
    bytes[3] = 20;
    EXPECT_EQ(IpPacket::parse(bytes).has_value(), version == 4 || version == 6) << version;
  }
}

TEST(IpPacket, IsNoneWhereBytesAreMissingAtAnyLength) {
  const std::vector<Bytes> whole = {packets::ipv4(kTcp, packets::tcp(0, {}, Bytes(30))),
                                    packets::ipv6(kUdp, packets::udp(Bytes(30)))};
  for (const Bytes& bytes : whole) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(IpPacket::parse(cut)) << size;
    }
    EXPECT_TRUE(IpPacket::parse(bytes));
  }
}

TEST(IpPacket, MayHaveTrailingBytesThatDoNotCount) {
  Bytes bytes = packets::ipv4(kUdp, {});
  bytes.resize(60, 0xFF);
  const auto ip = IpPacket::parse(bytes);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->total_length, 20);
  EXPECT_EQ(ip->transport_offset, 0) << "the UDP header is not in the packet";
  EXPECT_EQ(ip->source_port, 0);
}

TEST(IpPacket, OfIpv4NeedsALengthThatHoldsItsHeader) {
  Bytes bytes = packets::ipv4(kTcp, Bytes(40));
  for (unsigned words = 0; words < 16; ++words) {
    bytes[0] = static_cast<std::uint8_t>(0x40U | words);
    EXPECT_EQ(IpPacket::parse(bytes).has_value(), words >= 5) << words;
  }
  bytes[0] = 0x46;
  bytes[3] = 23;
  EXPECT_FALSE(IpPacket::parse(bytes));
}

TEST(IpPacket, OfIpv4WithOptionsFindsThePorts) {
  Bytes bytes = packets::ipv4(kUdp, join({1, 1, 1, 0}, packets::udp({})));
  bytes[0] = 0x46;
  const auto ip = IpPacket::parse(bytes);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->transport_offset, 24);
  EXPECT_EQ(ip->source_port, 3000);
}

struct FragmentCase {
  const char* what;
  std::uint8_t high;
  std::uint8_t low;
  bool dont_fragment;
  bool is_fragment;
  bool has_ports;
};

TEST(IpPacket, OfIpv4TellsFragmentsApart) {
  const FragmentCase cases[] = {
      {"whole", 0x00, 0, false, false, true},        {"whole, DF", 0x40, 0, true, false, true},
      {"reserved bit", 0x80, 0, false, false, true}, {"first", 0x20, 0, false, true, true},
      {"later", 0x20, 5, false, true, false},        {"last", 0x00, 5, false, true, false},
      {"last, far", 0x1F, 0, false, true, false},
  };
  for (const FragmentCase& c : cases) {
    Bytes bytes = packets::ipv4(kUdp, packets::udp({}));
    bytes[6] = c.high;
    bytes[7] = c.low;
    const auto ip = IpPacket::parse(bytes);
    ASSERT_TRUE(ip) << c.what;
    EXPECT_EQ(ip->dont_fragment, c.dont_fragment) << c.what;
    EXPECT_EQ(ip->is_fragment, c.is_fragment) << c.what;
    EXPECT_EQ(ip->source_port != 0, c.has_ports) << c.what;
    EXPECT_EQ(ip->transport_offset != 0, c.has_ports) << c.what;
    EXPECT_EQ(ip->protocol, kUdp) << c.what;
  }
}

TEST(IpPacket, TakesPortsFromAFirstFragmentThatCutsTheTcpHeader) {
  const Bytes start = {0x03, 0xE8, 0x07, 0xD0, 0, 0, 0, 0};
  Bytes bytes = packets::ipv4(kTcp, start);
  bytes[6] = 0x20;
  const auto ip = IpPacket::parse(bytes);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source_port, 1000);
  EXPECT_EQ(ip->destination_port, 2000);
  EXPECT_EQ(ip->transport_offset, 0);
}

TEST(IpPacket, HasPortsOnlyWhereTheProtocolHas) {
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    const auto ip = IpPacket::parse(packets::ipv4(static_cast<std::uint8_t>(protocol), Bytes(20, 0x11)));
    ASSERT_TRUE(ip);
    const bool has_ports =
        protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
    EXPECT_EQ(ip->source_port, has_ports ? 0x1111 : 0) << protocol;
  }
}

// Extension headers: next header, length, rest.
Bytes options_header(std::uint8_t next) {
  return {next, 0, 1, 4, 0, 0, 0, 0};
}
Bytes long_options_header(std::uint8_t next) {
  return join({next, 1, 1, 12}, Bytes(12));
}
Bytes routing_header(std::uint8_t next) {
  return join({next, 2, 4, 0, 0, 0, 0, 0}, Bytes(16));
}
Bytes fragment_header(std::uint8_t next, std::uint8_t high, std::uint8_t low) {
  return {next, 0, high, low, 0, 0, 0, 9};
}
Bytes authentication_header(std::uint8_t next) {
  return join({next, 4}, Bytes(22));
}

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kAuthentication = 51;
constexpr std::uint8_t kDestination = 60;

struct ChainCase {
  const char* what;
  std::uint8_t first;
  Bytes headers;
  std::uint8_t protocol;
  unsigned transport_offset;
  bool is_fragment;
};

// Each chain stands in front of a UDP header.
const ChainCase kChains[] = {
    {"hop by hop", kHopByHop, options_header(kUdp), kUdp, 48, false},
    {"destination options, two units", kDestination, long_options_header(kUdp), kUdp, 56, false},
    {"routing", kRouting, routing_header(kUdp), kUdp, 64, false},
    {"authentication", kAuthentication, authentication_header(kUdp), kUdp, 64, false},
    {"first fragment", kFragment, fragment_header(kUdp, 0, 1), kUdp, 48, true},
    {"atomic fragment", kFragment, fragment_header(kUdp, 0, 0), kUdp, 48, false},
    {"later fragment", kFragment, fragment_header(kUdp, 0, 9), kUdp, 0, true},
    {"last fragment", kFragment, fragment_header(kUdp, 5, 0), kUdp, 0, true},
    {"later fragment of an extension", kFragment, fragment_header(kDestination, 5, 0), kDestination, 0, true},
    {"four in a row", kHopByHop,
     join(join(options_header(kRouting), routing_header(kFragment)),
          join(fragment_header(kAuthentication, 0, 1), authentication_header(kUdp))),
     kUdp, 104, true},
    {"encrypted", 50, {}, 50, 40, false},
    {"length beyond the packet", kDestination, {kUdp, 255, 0, 0, 0, 0, 0, 0}, kDestination, 0, false},
};

TEST(IpPacket, OfIpv6WalksItsExtensionHeaders) {
  for (const ChainCase& c : kChains) {
    const auto ip = IpPacket::parse(packets::ipv6(c.first, join(c.headers, packets::udp({}))));
    ASSERT_TRUE(ip) << c.what;
    EXPECT_EQ(ip->protocol, c.protocol) << c.what;
    EXPECT_EQ(ip->transport_offset, c.transport_offset) << c.what;
    EXPECT_EQ(ip->is_fragment, c.is_fragment) << c.what;
    EXPECT_EQ(ip->source_port, c.protocol == kUdp && c.transport_offset != 0 ? 3000 : 0) << c.what;
  }
}

TEST(IpPacket, OfIpv6WalksEightExtensionHeadersAtMost) {
  for (unsigned count = 1; count <= 10; ++count) {
    Bytes headers;
    for (unsigned i = 1; i < count; ++i) headers = join(headers, options_header(kDestination));
    headers = join(headers, options_header(kUdp));
    const auto ip = IpPacket::parse(packets::ipv6(kDestination, join(headers, packets::udp({}))));
    ASSERT_TRUE(ip);
    EXPECT_EQ(ip->transport_offset, count <= 8 ? 40 + 8 * count : 0) << count;
    EXPECT_EQ(ip->protocol, count <= 8 ? kUdp : kDestination) << count;
  }
}

TEST(IpPacket, OfIpv6WithAChainCutAnywhereHasNoTransport) {
  const Bytes chain = join(options_header(kAuthentication), authentication_header(kUdp));
  const Bytes payload = join(chain, packets::udp({}));
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const Bytes cut(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
    const auto ip = IpPacket::parse(packets::ipv6(kHopByHop, cut));
    ASSERT_TRUE(ip) << size;
    EXPECT_EQ(ip->transport_offset, 0) << size;
  }
}

TEST(IpPacket, OfIpv6ThatIsLongerThan65535BytesIsNone) {
  EXPECT_TRUE(IpPacket::parse(packets::ipv6(kIcmpV6, Bytes(65'495))));
  EXPECT_FALSE(IpPacket::parse(packets::ipv6(kIcmpV6, Bytes(65'496))));
}

}  // namespace
}  // namespace sennit::wire
