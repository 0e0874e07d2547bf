#include <gtest/gtest.h>

#include "config/setting.hpp"

namespace sennit::config {
namespace {

const std::string kKey = "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=";

TEST(PeerSpecifications, TakeAddressesAndNetworks) {
  const auto peer = parse_peer("home=" + kKey + ",10.77.0.2,192.168.1.0/24,fd00::2/128");
  ASSERT_TRUE(peer) << to_string(peer.invalid());
  EXPECT_EQ(peer->name, "home");
  EXPECT_EQ(peer->public_key.to_base64(), kKey);
  ASSERT_EQ(peer->addresses.size(), 2U);
  EXPECT_EQ(peer->addresses[1].to_string(), "fd00::2");
  ASSERT_EQ(peer->networks.size(), 1U);
  EXPECT_EQ(peer->networks[0].to_string(), "192.168.1.0/24");
}

TEST(PeerSpecifications, NeedNoAddress) {
  const auto peer = parse_peer("home=" + kKey);
  ASSERT_TRUE(peer);
  EXPECT_TRUE(peer->addresses.empty());
}

TEST(PeerSpecifications, NameThePartThatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"home", "'home' is not a peer; allowed: NAME=PUBKEY[,ADDRESS|PREFIX...]"},
      {"=" + kKey, "name: '' is not a name; allowed: 1 to 31 letters, digits, '-', '_', '.' and ':'"},
      {"home=abc",
       "public_key: 'abc' is not a public key; allowed: 44 characters of base64, as `sennit pubkey` prints"},
      {"home=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
       "public_key: the public key is all zero; allowed: one that `sennit pubkey` prints"},
      {"home=" + kKey + ",ten",
       "address: 'ten' is not an address; allowed: a unicast address without a length, as in 10.77.0.2 or "
       "fd00::2"},
      {"home=" + kKey + ",192.168.1.1/24",
       "networks: '192.168.1.1/24' has bits set behind its length; allowed: 192.168.1.0/24, or another "
       "network"}};
  for (const auto& [text, message] : cases) {
    const auto peer = parse_peer(text);
    ASSERT_FALSE(peer) << text;
    EXPECT_EQ(to_string(peer.invalid()), message);
  }
}

TEST(LinkSpecifications, TakeEveryPart) {
  const auto link =
      parse_link("eth0,name=adsl,sockets=4,up=1mbit,down=auto,cost=5,backup,quota=500MB,quota_day=7");
  ASSERT_TRUE(link) << to_string(link.invalid());
  EXPECT_EQ(link->interface, "eth0");
  EXPECT_EQ(link->name, "adsl");
  EXPECT_EQ(link->sockets, 4U);
  EXPECT_EQ(link->up, base::BitRate{1000000});
  EXPECT_EQ(link->down, std::nullopt);
  EXPECT_EQ(link->cost, 5U);
  EXPECT_TRUE(link->backup);
  EXPECT_EQ(link->quota, base::Bytes{500'000'000});
  EXPECT_EQ(link->quota_day, 7U);
}

TEST(LinkSpecifications, MayNameASourceAddress) {
  const auto link = parse_link("192.0.2.7");
  ASSERT_TRUE(link);
  EXPECT_TRUE(link->interface.empty());
  EXPECT_EQ(link->display_name(), "192.0.2.7");
  EXPECT_EQ(parse_link("eth0")->display_name(), "eth0");
}

TEST(LinkSpecifications, NameThePartThatIsWrong) {
  const std::string form =
      "; allowed: IFACE[,name=NAME][,sockets=N][,up=RATE][,down=RATE][,cost=N][,backup][,quota=SIZE]"
      "[,quota_day=N][,impair=PROFILE], or a source address instead of IFACE";
  const std::pair<std::string, std::string> cases[] = {
      {"",
       "interface: '' is not an interface name; allowed: 1 to 15 visible ASCII characters without '/', ':' "
       "and '%'"},
      {"eth0,", "'' is not a part of a link" + form},
      {"eth0,backup=yes", "'backup=yes' is not a part of a link" + form},
      {"eth0,speed=1mbit", "'speed=1mbit' is not a part of a link" + form},
      {"eth0,sockets=0", "sockets: '0' is out of range; allowed: 1 to 32"},
      {"eth0,sockets=33", "sockets: '33' is out of range; allowed: 1 to 32"},
      {"eth0,sockets=x", "sockets: 'x' is not a number of sockets; allowed: 1 to 32"},
      {"eth0,cost=4294967296", "cost: '4294967296' is out of range; allowed: 0 to 4294967295"},
      {"eth0,up=1m",
       "up: '1m' has the unknown unit 'm'; allowed: auto, or 1bit to 1000gbit with the unit bit, kbit, "
       "mbit or gbit, as in 500kbit or 1.5mbit"},
      {"0.0.0.0",
       "address: '0.0.0.0' is not a unicast address; allowed: a unicast address without a length, as in "
       "10.77.0.2 or fd00::2"}};
  for (const auto& [text, message] : cases) {
    const auto link = parse_link(text);
    ASSERT_FALSE(link) << text;
    EXPECT_EQ(to_string(link.invalid()), message);
  }
}

TEST(LinkChanges, AreLimitedToWhatARunningLinkCanChange) {
  LinkOptions link;
  EXPECT_FALSE(change_link(link, "up", "2mbit"));
  EXPECT_EQ(link.up, base::BitRate{2000000});
  EXPECT_FALSE(change_link(link, "backup", "yes"));
  EXPECT_TRUE(link.backup);
  EXPECT_EQ(to_string(*change_link(link, "sockets", "2")),
            "'sockets' is not a key of a link that can be changed; allowed: up=RATE, down=RATE, cost=N, "
            "backup=yes|no, quota=SIZE|none, quota_day=N and impair=PROFILE|OPTIONS|none");
  EXPECT_EQ(change_link(link, "cost", "-1")->wrong, "cost: '-1' is not a cost");
}

}  // namespace
}  // namespace sennit::config
