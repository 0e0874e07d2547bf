#include "base/address.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <unordered_set>
#include <vector>

namespace sennit::base {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

Prefix prefix(const char* text) {
  return Prefix::parse(text).value();
}

struct Text {
  const char* written;
  const char* canonical;
};

constexpr Text kAddresses[] = {
    {"0.0.0.0", "0.0.0.0"},
    {"192.0.2.1", "192.0.2.1"},
    {"255.255.255.255", "255.255.255.255"},
    {"::", "::"},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
    {"fe80::1", "fe80::1"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
};

TEST(IpAddress, IsReadAndWrittenInItsCanonicalForm) {
  for (const auto& text : kAddresses) {
    const auto address = IpAddress::parse(text.written);
    ASSERT_TRUE(address) << text.written;
    EXPECT_EQ(address->to_string(), text.canonical);
    EXPECT_EQ(IpAddress::from_bytes(address->bytes()), address);
  }
}

TEST(IpAddress, RefusesEverythingElse) {
  for (const std::string text :
       {"", " ", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", "1.2.3.4/24", "gateway",
        "fe80::1%eth0", "[::1]", ":::", "2001:db8::1::2", "12345::"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << '"' << text << '"';
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(IpAddress, IsMadeOfFourOrSixteenBytesOnly) {
  const std::vector<std::uint8_t> bytes(17, 1);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(IpAddress::from_bytes(std::span(bytes).first(size)).has_value(), size == 4 || size == 16)
        << size;
  }
}

TEST(IpAddress, KnowsItsFamilyAndWidth) {
  EXPECT_EQ(IpAddress().family(), Family::kNone);
  EXPECT_EQ(IpAddress().width(), 0U);
  EXPECT_TRUE(IpAddress().bytes().empty());
  EXPECT_EQ(IpAddress().to_string(), "none");
  EXPECT_EQ(ip("192.0.2.1").family(), Family::kV4);
  EXPECT_EQ(ip("192.0.2.1").width(), 32U);
  EXPECT_EQ(ip("::1").family(), Family::kV6);
  EXPECT_EQ(ip("::1").width(), 128U);
}

TEST(IpAddress, KnowsWhatIsUnspecified) {
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_TRUE(ip("::").is_unspecified());
  EXPECT_FALSE(ip("0.0.0.1").is_unspecified());
  EXPECT_FALSE(ip("::1").is_unspecified());
}

TEST(IpAddress, KnowsWhatIsLinkLocal) {
  for (const auto* text : {"169.254.0.0", "169.254.255.255", "fe80::", "febf:ffff::1"}) {
    EXPECT_TRUE(ip(text).is_link_local()) << text;
  }
  for (const auto* text : {"169.253.255.255", "169.255.0.0", "fe7f::1", "fec0::", "::"}) {
    EXPECT_FALSE(ip(text).is_link_local()) << text;
  }
}

TEST(IpAddress, TellsTheFamiliesApartWhenComparedAndHashed) {
  EXPECT_NE(ip("0.0.0.0"), ip("::"));
  EXPECT_NE(ip("1.2.3.4"), ip("102:304::"));
  EXPECT_LT(ip("192.0.2.1"), ip("192.0.2.2"));
  const std::unordered_set<IpAddress> set{ip("192.0.2.1"), ip("192.0.2.1"), ip("192.0.2.2"), ip("::1")};
  EXPECT_EQ(set.size(), 3U);
}

struct Containment {
  const char* prefix;
  const char* address;
  bool contained;
};

constexpr Containment kContainments[] = {
    {"0.0.0.0/0", "203.0.113.9", true},
    {"0.0.0.0/0", "::1", false},
    {"::/0", "2001:db8::1", true},
    {"::/0", "192.0.2.1", false},
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"10.77.0.1/24", "10.77.0.200", true},
    {"10.77.0.1/24", "10.77.1.200", false},
    {"192.0.2.128/25", "192.0.2.128", true},
    {"192.0.2.128/25", "192.0.2.127", false},
    {"192.0.2.1/31", "192.0.2.0", true},
    {"192.0.2.1/31", "192.0.2.2", false},
    {"192.0.2.1/32", "192.0.2.1", true},
    {"192.0.2.1/32", "192.0.2.0", false},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"2001:db8::1/128", "2001:db8::1", true},
    {"2001:db8::1/128", "2001:db8::2", false},
};

TEST(Prefix, ContainsTheAddressesThatShareItsFirstBits) {
  for (const auto& row : kContainments) {
    EXPECT_EQ(prefix(row.prefix).contains(ip(row.address)), row.contained)
        << row.prefix << " " << row.address;
  }
  EXPECT_FALSE(Prefix().contains(IpAddress()));
}

TEST(Prefix, KeepsHostBitsUntilAskedForTheNetwork) {
  EXPECT_EQ(prefix("10.77.0.1/24").to_string(), "10.77.0.1/24");
  EXPECT_EQ(prefix("10.77.0.1/24").network().to_string(), "10.77.0.0/24");
  EXPECT_EQ(prefix("10.77.255.255/20").network().to_string(), "10.77.240.0/20");
  EXPECT_EQ(prefix("192.0.2.1/0").network().to_string(), "0.0.0.0/0");
  EXPECT_EQ(prefix("2001:db8:ffff::1/36").network().to_string(), "2001:db8:f000::/36");
  EXPECT_EQ(prefix("2001:db8::1/128").network(), prefix("2001:db8::1"));
}

TEST(Prefix, TakesABareAddressForAHost) {
  EXPECT_EQ(prefix("192.0.2.1").to_string(), "192.0.2.1/32");
  EXPECT_EQ(prefix("::1").to_string(), "::1/128");
  EXPECT_TRUE(prefix("192.0.2.1").is_host());
  EXPECT_FALSE(prefix("192.0.2.1/31").is_host());
}

TEST(Prefix, RefusesBadText) {
  for (const auto* text : {"", "/", "/24", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8",
                           "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/x", "10.0.0/8", "10.0.0.0/99999999999"}) {
    EXPECT_FALSE(Prefix::parse(text)) << '"' << text << '"';
  }
}

TEST(Prefix, CutsALengthBeyondTheFamily) {
  EXPECT_EQ(Prefix(ip("192.0.2.1"), 40).length(), 32U);
  EXPECT_EQ(Prefix(ip("::1"), 200).length(), 128U);
}

TEST(SocketAddress, IsReadAndWrittenWithBracketsAroundIpv6) {
  for (const auto* text : {"192.0.2.1:6000", "[2001:db8::1]:65535", "0.0.0.0:0"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(SocketAddress, RefusesBadText) {
  for (const auto* text : {"", ":", "192.0.2.1", "192.0.2.1:", ":6000", "192.0.2.1:65536", "192.0.2.1:-1",
                           "192.0.2.1:6000-6003", "[192.0.2.1]:6000", "2001:db8::1:6000", "[2001:db8::1]",
                           "[2001:db8::1:6000", "[]:6000", "gateway:6000", "192.0.2.1:60 "}) {
    EXPECT_FALSE(SocketAddress::parse(text)) << '"' << text << '"';
  }
}

TEST(SocketAddress, IsHashedByAddressAndPort) {
  const SocketAddress a{ip("192.0.2.1"), 1};
  const std::unordered_set<SocketAddress> set{a, a, {ip("192.0.2.1"), 2}, {ip("192.0.2.2"), 1}};
  EXPECT_EQ(set.size(), 3U);
}

TEST(OuterOverhead, CountsTheIpAndUdpHeaders) {
  EXPECT_EQ(outer_overhead(Family::kV4), 28U);
  EXPECT_EQ(outer_overhead(Family::kV6), 48U);
}

}  // namespace
}  // namespace sennit::base
