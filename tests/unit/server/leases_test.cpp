#include "server/leases.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace sennit::server {
namespace {

using base::IpAddress;
using base::Prefix;

crypto::PublicKey key(std::uint8_t number) {
  crypto::PublicKey result;
  result.bytes[0] = number;
  return result;
}

std::vector<Prefix> prefixes(std::initializer_list<const char*> texts) {
  std::vector<Prefix> result;
  for (const auto* text : texts) result.push_back(Prefix::parse(text).value());
  return result;
}

std::vector<std::string> texts(const std::vector<Prefix>& given) {
  std::vector<std::string> result;
  for (const auto& prefix : given) result.push_back(prefix.to_string());
  return result;
}

using Texts = std::vector<std::string>;

TEST(Leases, GivesTheFirstAddressBehindTheGatewaysOwn) {
  Leases leases(prefixes({"10.77.0.1/24"}), {}, {});
  EXPECT_EQ(texts(leases.lend(key(1))), Texts{"10.77.0.2/24"});
  EXPECT_EQ(texts(leases.lend(key(2))), Texts{"10.77.0.3/24"});
}

TEST(Leases, GivesOneAddressOfEachOfTheGatewaysNetworks) {
  Leases leases(prefixes({"10.77.0.1/24", "fd77::1/64"}), {}, {});
  EXPECT_EQ(texts(leases.lend(key(1))), (Texts{"10.77.0.2/24", "fd77::2/64"}));
}

TEST(Leases, LeavesOutWhatBelongsToConfiguredPeers) {
  Leases leases(prefixes({"10.77.0.1/24"}), prefixes({"10.77.0.2/32", "10.77.0.4/30"}), {});
  EXPECT_EQ(texts(leases.lend(key(1))), Texts{"10.77.0.3/24"});
  EXPECT_EQ(texts(leases.lend(key(2))), Texts{"10.77.0.8/24"});
}

TEST(Leases, GivesAPeerWhatItHadBefore) {
  Leases leases(prefixes({"10.77.0.1/24"}), {}, {{key(1), {*IpAddress::parse("10.77.0.9")}}});
  EXPECT_EQ(texts(leases.lend(key(1))), Texts{"10.77.0.9/24"});
}

TEST(Leases, KeepsTheAddressOfAPeerThatDidNotAskForOthers) {
  Leases leases(prefixes({"10.77.0.1/24"}), {}, {{key(1), {*IpAddress::parse("10.77.0.2")}}});
  EXPECT_EQ(texts(leases.lend(key(2))), Texts{"10.77.0.3/24"});
  EXPECT_EQ(leases.table().at(key(1)), std::vector{*IpAddress::parse("10.77.0.2")});
}

struct Unusable {
  const char* why;
  const char* address;
};

TEST(Leases, ReplacesAnEarlierAddressThatMayNoLongerBeLent) {
  const Unusable cases[] = {{"the gateway's own", "10.77.0.1"},
                            {"the network's", "10.77.0.0"},
                            {"the broadcast", "10.77.0.255"},
                            {"of another network", "10.78.0.5"},
                            {"a configured peer's", "10.77.0.7"}};
  for (const auto& unusable : cases) {
    Leases leases(prefixes({"10.77.0.1/24"}), prefixes({"10.77.0.7/32"}),
                  {{key(1), {*IpAddress::parse(unusable.address)}}});
    EXPECT_EQ(texts(leases.lend(key(1))), Texts{"10.77.0.2/24"}) << unusable.why;
  }
}

TEST(Leases, NeverLendsOneAddressTwiceThoughTheFileSaysSo) {
  const auto address = *IpAddress::parse("10.77.0.2");
  Leases leases(prefixes({"10.77.0.1/24"}), {}, {{key(1), {address}}, {key(2), {address}}});
  EXPECT_NE(texts(leases.lend(key(1))), texts(leases.lend(key(2))));
}

TEST(Leases, TakesTheAddressOfAStrangerOnceTheNetworkIsUsedUp) {
  Leases leases(prefixes({"10.77.0.1/30"}), {}, {{key(1), {*IpAddress::parse("10.77.0.2")}}});
  EXPECT_EQ(texts(leases.lend(key(2))), Texts{"10.77.0.2/30"});
  EXPECT_TRUE(leases.table().at(key(1)).empty());
}

TEST(Leases, GivesNothingOnceEveryAddressIsServed) {
  Leases leases(prefixes({"10.77.0.1/30"}), {}, {});
  EXPECT_EQ(leases.lend(key(1)).size(), 1U);
  EXPECT_TRUE(leases.lend(key(2)).empty());
}

TEST(Leases, LendsBothAddressesOfAPointToPointNetwork) {
  Leases leases(prefixes({"10.77.0.1/31"}), {}, {});
  EXPECT_EQ(texts(leases.lend(key(1))), Texts{"10.77.0.0/31"});
}

TEST(Leases, HasNothingToLendInANetworkOfOne) {
  Leases leases(prefixes({"10.77.0.1/32"}), {}, {});
  EXPECT_TRUE(leases.lend(key(1)).empty());
}

}  // namespace
}  // namespace sennit::server
