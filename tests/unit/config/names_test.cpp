#include "config/names.hpp"

#include <gtest/gtest.h>

namespace sennit::config {
namespace {

TEST(ListenAddresses, TakeAPortOrARange) {
  const auto one = parse_listen("0.0.0.0:6000");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->ports, (PortRange{6000, 6000}));
  const auto range = parse_listen("[::]:6000-6003");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->address.to_string(), "::");
  EXPECT_EQ(range->ports.count(), 4U);
}

TEST(ListenAddresses, RefuseWhatIsNoAddressWithAPort) {
  for (const auto* text :
       {"", "6000", ":6000", "0.0.0.0", "0.0.0.0:", "0.0.0.0:0", "0.0.0.0:65536", "::1:6000",
        "[0.0.0.0]:6000", "host:6000", "0.0.0.0:6003-6000", "0.0.0.0:1-257", "224.0.0.1:6000",
        "0.0.0.0:6000-", "0.0.0.0:-6000", "[::]6000", "[::1%eth0]:6000"}) {
    const auto listen = parse_listen(text);
    ASSERT_FALSE(listen) << text;
    EXPECT_EQ(to_string(listen.invalid()),
              "'" + std::string(text) +
                  "' is not an address with a port; allowed: ADDR:PORT or ADDR:PORT-PORT with "
                  "ports 1 to 65535, at most 256 of them, IPv6 in brackets");
  }
}

TEST(GatewayAddresses, TakeNamesAndAddresses) {
  const auto name = parse_gateway_address("vps.example.net:6000-6003");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host, "vps.example.net");
  EXPECT_EQ(name->ports.count(), 4U);
  EXPECT_EQ(parse_gateway_address("203.0.113.5:6000")->host, "203.0.113.5");
  EXPECT_EQ(parse_gateway_address("[2001:db8::1]:6000")->host, "2001:db8::1");
}

TEST(GatewayAddresses, RefuseWhatIsNoHostWithAPort) {
  for (const auto* text : {"vps", "vps:", "vps:0", "2001:db8::1:6000", "[vps]:6000", "0.0.0.0:6000",
                           "[::]:6000", "1.2.3:6000", "-vps:6000", "v ps:6000", "256.1.1.1:6000"}) {
    EXPECT_FALSE(parse_gateway_address(text)) << text;
  }
}

TEST(InterfaceAddresses, AreAddressesWithinANetwork) {
  EXPECT_EQ(parse_interface_address("10.77.0.1/24")->to_string(), "10.77.0.1/24");
  EXPECT_EQ(parse_interface_address("fd00::1/64")->to_string(), "fd00::1/64");
  EXPECT_EQ(parse_interface_address("10.77.0.1")->to_string(), "10.77.0.1/32");
  EXPECT_EQ(parse_interface_address("10.77.0.0/31")->to_string(), "10.77.0.0/31");
}

TEST(InterfaceAddresses, TellWhyTheyAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"10.77.0.0/24", "is a network, not an address in it"},
      {"10.77.0.255/24", "is the broadcast address of its network"},
      {"10.77.0.1/0", "takes the whole address space"},
      {"10.77.0.1/33", "is not an address"},
      {"ten", "is not an address"},
      {"127.0.0.1/8", "is not a unicast address"},
      {"::1/64", "is not a unicast address"},
      {"ff02::1/64", "is not a unicast address"},
      {"0.0.0.0/8", "is not a unicast address"}};
  for (const auto& [text, why] : cases) {
    const auto address = parse_interface_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(to_string(address.invalid()),
              "'" + std::string(text) + "' " + why +
                  "; allowed: a unicast address with a length, as in 10.77.0.1/24 or fd00::1/64");
  }
}

TEST(Networks, HaveNoHostBits) {
  EXPECT_EQ(parse_network("192.168.1.0/24")->to_string(), "192.168.1.0/24");
  EXPECT_EQ(to_string(parse_network("192.168.1.5/24").invalid()),
            "'192.168.1.5/24' has bits set behind its length; allowed: 192.168.1.0/24, or another network");
  EXPECT_EQ(parse_network("0.0.0.0/0").invalid().wrong, "'0.0.0.0/0' is the whole address space");
  EXPECT_EQ(parse_network("224.0.0.0/4").invalid().wrong, "'224.0.0.0/4' is multicast");
}

TEST(Routes, TakeTheDefaultOfBothFamiliesOrOfOne) {
  const auto both = parse_route("default");
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ((*both)[0].to_string(), "0.0.0.0/0");
  EXPECT_EQ((*both)[1].to_string(), "::/0");
  EXPECT_EQ(parse_route("::/0")->size(), 1U);
  EXPECT_EQ(parse_route("10.0.0.0/8")->front().to_string(), "10.0.0.0/8");
  EXPECT_EQ(to_string(parse_route("all").invalid()),
            "'all' is not a network; allowed: default, or a network, as in 192.168.1.0/24 or fd00:1::/64");
}

TEST(InterfaceNames, AreWhatTheKernelTakes) {
  for (const auto* text : {"eth0", "wlan0.12", "sennit0", "123456789012345"})
    EXPECT_TRUE(parse_interface_name(text)) << text;
  for (const auto* text :
       {"", ".", "..", "a/b", "a b", "eth:1", "1234567890123456", "tun%d", "\x7f", "\xc3\xa9"}) {
    EXPECT_FALSE(parse_interface_name(text)) << text;
  }
}

TEST(Names, FitIntoThePathMessage) {
  for (const auto* text : {"adsl", "home-2", "a.b_c", "2001:db8::1", "1234567890123456789012345678901"}) {
    EXPECT_TRUE(parse_name(text)) << text;
  }
  for (const auto* text : {"", "a b", "a,b", "a=b", "12345678901234567890123456789012", "\n"}) {
    EXPECT_FALSE(parse_name(text)) << text;
  }
}

TEST(HostAddresses, AreSingleAndUnicast) {
  EXPECT_EQ(parse_host_address("10.77.0.2")->to_string(), "10.77.0.2");
  EXPECT_EQ(parse_host_address("fd00::2/128")->to_string(), "fd00::2");
  EXPECT_EQ(parse_host_address("10.77.0.2/24").invalid().wrong,
            "'10.77.0.2/24' is a network, not one address");
  EXPECT_EQ(parse_host_address("255.255.255.255").invalid().wrong,
            "'255.255.255.255' is not a unicast address");
  EXPECT_EQ(parse_host_address("").invalid().wrong, "'' is not an address");
}

}  // namespace
}  // namespace sennit::config
