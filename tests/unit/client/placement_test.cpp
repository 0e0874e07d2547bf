#include "client/placement.hpp"

#include <gtest/gtest.h>

namespace sennit::client {
namespace {

using base::Family;

base::Prefix prefix(const char* text) {
  return base::Prefix::parse(text).value();
}

io::Interface interface(int index, const char* name, std::vector<base::Prefix> addresses) {
  return {{index}, name, 1500, io::InterfaceState::kRunning, std::move(addresses)};
}

config::LinkOptions by_name(const char* name) {
  config::LinkOptions link;
  link.interface = name;
  return link;
}

config::LinkOptions by_address(const char* address) {
  config::LinkOptions link;
  link.address = prefix(address).address();
  return link;
}

const std::vector<io::Interface> kTwoInterfaces{
    interface(2, "eth0", {prefix("192.0.2.7/24"), prefix("2001:db8::7/64")}),
    interface(3, "wlan0", {prefix("198.51.100.9/24")})};

TEST(Placement, FindsALinkByTheNameOfItsInterface) {
  const auto placement = place(by_name("eth0"), kTwoInterfaces);
  ASSERT_TRUE(placement);
  EXPECT_EQ(placement->index.value, 2);
  EXPECT_EQ(placement->addresses.size(), 2U);
  EXPECT_EQ(placement->source.family(), Family::kNone);
}

TEST(Placement, FindsTheInterfaceThatOwnsASourceAddressAndKeepsToThatAddress) {
  const auto placement = place(by_address("192.0.2.7"), kTwoInterfaces);
  ASSERT_TRUE(placement);
  EXPECT_EQ(placement->device, "eth0");
  EXPECT_EQ(placement->addresses, std::vector{prefix("192.0.2.7").address()});
  EXPECT_FALSE(placement->address_of(Family::kV6));
}

TEST(Placement, IsNoneWhileTheInterfaceOrTheAddressIsMissing) {
  EXPECT_FALSE(place(by_name("wwan0"), kTwoInterfaces));
  EXPECT_FALSE(place(by_address("203.0.113.1"), kTwoInterfaces));
}

TEST(Placement, IsNoneWhileTheInterfaceIsDown) {
  auto interfaces = kTwoInterfaces;
  interfaces[0].state = io::InterfaceState::kDown;
  EXPECT_FALSE(place(by_name("eth0"), interfaces));
}

TEST(Placement, IsNoneWithoutAUsableAddress) {
  EXPECT_FALSE(place(by_name("eth0"), std::vector{interface(2, "eth0", {})}));
}

TEST(SocketsSurvive, AnotherMtu) {
  const auto before = *place(by_name("eth0"), kTwoInterfaces);
  auto after = before;
  after.mtu = 1400;
  EXPECT_TRUE(sockets_survive(before, after, Family::kV4));
}

TEST(SocketsSurvive, AnAdditionalAddress) {
  const auto before = *place(by_name("wlan0"), kTwoInterfaces);
  auto after = before;
  after.addresses.push_back(prefix("2001:db8::9").address());
  EXPECT_TRUE(sockets_survive(before, after, Family::kV4));
  EXPECT_FALSE(sockets_survive(before, after, Family::kV6)) << "there are none yet";
}

TEST(SocketsSurvive, TheLossOfAnAddressOfTheOtherFamilyOnly) {
  const auto before = *place(by_name("eth0"), kTwoInterfaces);
  auto after = before;
  after.addresses = {prefix("192.0.2.7").address()};
  EXPECT_TRUE(sockets_survive(before, after, Family::kV4));
  EXPECT_FALSE(sockets_survive(before, after, Family::kV6));
}

TEST(SocketsSurvive, NeitherAnotherAddressNorAnotherDevice) {
  const auto before = *place(by_name("wlan0"), kTwoInterfaces);
  auto moved = before;
  moved.addresses = {prefix("198.51.100.10").address()};
  EXPECT_FALSE(sockets_survive(before, moved, Family::kV4));
  auto replugged = before;
  replugged.index = {9};
  EXPECT_FALSE(sockets_survive(before, replugged, Family::kV4));
}

}  // namespace
}  // namespace sennit::client
