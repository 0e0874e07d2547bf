#include "io/route_socket.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "base/error.hpp"
#include "io/assigned_address.hpp"
#include "io/installed_route.hpp"
#include "io/tun_device.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

base::Prefix prefix(const std::string& text) {
  return base::Prefix::parse(text).value();
}

class RouteSocketTest : public NamespaceTest {
 protected:
  // A TUN device that is up.
  TunDevice tunnel() {
    TunDevice tun("sennit0");
    EXPECT_FALSE(routes_.configure(tun.index(), {1400, {}, true, true}));
    return tun;
  }

  std::optional<Interface> find(const std::string& name) {
    const auto interfaces = routes_.interfaces();
    const auto found = std::ranges::find(interfaces, name, &Interface::name);
    return found == interfaces.end() ? std::nullopt : std::optional(*found);
  }

  RouteSocket routes_;
};

TEST(PrefixesToRoute, SplitsOnlyADefaultRoute) {
  const std::vector<std::pair<std::string, std::vector<base::Prefix>>> cases{
      {"0.0.0.0/0", {prefix("0.0.0.0/1"), prefix("128.0.0.0/1")}},
      {"::/0", {prefix("::/1"), prefix("8000::/1")}},
      {"10.0.0.0/8", {prefix("10.0.0.0/8")}},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(prefixes_to_route(prefix(text)), expected) << text;
}

TEST_F(RouteSocketTest, SetsAnMtuTooSmallForV6) {
  const TunDevice tun("sennit0");
  EXPECT_FALSE(routes_.configure(tun.index(), {576, {}, true, true}));
  EXPECT_EQ(find("sennit0")->mtu, 576U);
  EXPECT_FALSE(routes_.configure(tun.index(), {577, {}, {}, true}));
}

TEST_F(RouteSocketTest, TakesTheLinkLocalAddressAway) {
  const TunDevice tun("sennit0");
  EXPECT_FALSE(routes_.configure(tun.index(), {576, {}, true, true}));
  EXPECT_FALSE(routes_.configure(tun.index(), {1400, {}, {}, false}));
  EXPECT_NE(run("ip -6 address show dev sennit0"), "") << "the kernel gave it one of its own";
  EXPECT_FALSE(routes_.configure(tun.index(), {{}, {}, {}, true}));
  EXPECT_EQ(run("ip -6 address show dev sennit0"), "");
}

TEST_F(RouteSocketTest, ListsAddressesUntilTheirOwnerGoes) {
  const auto tun = tunnel();
  {
    const AssignedAddress v4(routes_, tun.index(), prefix("10.77.0.2/24"));
    const AssignedAddress v6(routes_, tun.index(), prefix("fd00:77::2/64"));
    const auto listed = find("sennit0");
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->mtu, 1400U);
    EXPECT_EQ(listed->state, InterfaceState::kRunning);
    EXPECT_EQ(listed->addresses, (std::vector{prefix("10.77.0.2/24"), prefix("fd00:77::2/64")}));
  }
  EXPECT_TRUE(find("sennit0")->addresses.empty());
}

TEST_F(RouteSocketTest, ListsOnlyAddressesThatASocketMayUse) {
  run("ip link add v0 type veth peer name v1 && ip link set v1 up");
  run("ip address add 169.254.3.3/16 dev v0 && ip address add 192.0.2.1/24 dev v0");
  run("ip address add 2001:db8::1/64 dev v0 && ip address add 2001:db8::2/64 dev v0 nodad");
  run("ip address add 2001:db8::3/64 dev v0 nodad preferred_lft 0");
  // v0 is down: duplicate address detection of ::1 has not begun, so it stays tentative.
  EXPECT_EQ(find("v0")->addresses, (std::vector{prefix("192.0.2.1/24"), prefix("2001:db8::2/64")}));
  EXPECT_TRUE(find("lo")->addresses.empty() || find("lo")->addresses == std::vector{prefix("::1/128")});
}

TEST_F(RouteSocketTest, CallsALinkRunningOnlyWithCarrier) {
  run("ip link add v0 type veth peer name v1 && ip link set v0 up");
  EXPECT_EQ(find("v0")->state, InterfaceState::kDown);
  run("ip link set v1 up");
  // The kernel looks at carriers once in a while, a second apart at the most.
  for (int i = 0; i < 30 && find("v0")->state != InterfaceState::kRunning; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(find("v0")->state, InterfaceState::kRunning);
  run("ip link set v0 down");
  EXPECT_EQ(find("v0")->state, InterfaceState::kDown);
}

TEST_F(RouteSocketTest, RemovesRoutesWithTheirOwner) {
  const auto tun = tunnel();
  const AssignedAddress v4(routes_, tun.index(), prefix("10.77.0.2/24"));
  {
    const InstalledRoute plain(routes_,
                               {prefix("192.168.1.77/24"), tun.index(), 1300, 50, v4.address().address()});
    const InstalledRoute v6(routes_, {prefix("2001:db8::/32"), tun.index(), {}, {}, {}});
    const auto shown = run("ip route show 192.168.1.0/24");
    EXPECT_NE(shown.find("dev sennit0"), std::string::npos) << shown;
    EXPECT_NE(shown.find("src 10.77.0.2"), std::string::npos) << shown;
    EXPECT_NE(shown.find("metric 50"), std::string::npos) << shown;
    EXPECT_NE(shown.find("mtu 1300"), std::string::npos) << shown;
    EXPECT_NE(run("ip -6 route show 2001:db8::/32").find("dev sennit0"), std::string::npos);
  }
  EXPECT_EQ(run("ip route show 192.168.1.0/24"), "");
  EXPECT_EQ(run("ip -6 route show 2001:db8::/32"), "");
}

TEST_F(RouteSocketTest, TakesTheDefaultRouteInHalvesBesideTheOneThatIsThere) {
  run("ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0");
  run("ip link set v0 up && ip link set v1 up && ip route add default via 192.0.2.254");
  const auto tun = tunnel();
  std::vector<InstalledRoute> owned;
  for (const auto& half : prefixes_to_route(prefix("0.0.0.0/0"))) {
    owned.emplace_back(routes_, DeviceRoute{half, tun.index(), {}, {}, {}});
  }
  EXPECT_NE(run("ip route get 203.0.113.1").find("dev sennit0"), std::string::npos);
  EXPECT_NE(run("ip route get 9.9.9.9").find("dev sennit0"), std::string::npos);
  EXPECT_NE(run("ip route get 9.9.9.9 oif v0").find("via 192.0.2.254"), std::string::npos);
  owned.clear();
  EXPECT_NE(run("ip route get 9.9.9.9").find("via 192.0.2.254"), std::string::npos);
}

TEST_F(RouteSocketTest, RefusesARouteThatExistsAndLeavesItThere) {
  run("ip route add 192.168.1.0/24 dev lo");
  const auto tun = tunnel();
  try {
    const InstalledRoute route(routes_, {prefix("192.168.1.0/24"), tun.index(), {}, {}, {}});
    ADD_FAILURE();
  } catch (const base::Error& error) {
    EXPECT_NE(std::string(error.what()).find("192.168.1.0/24"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("--route"), std::string::npos) << error.what();
  }
  EXPECT_NE(run("ip route show 192.168.1.0/24").find("dev lo"), std::string::npos);
}

TEST_F(RouteSocketTest, LeavesNothingWhenTheDeviceGoesFirst) {
  std::optional<TunDevice> tun(tunnel());
  const AssignedAddress address(routes_, tun->index(), prefix("10.77.0.2/24"));
  const InstalledRoute route(routes_, {prefix("192.168.1.0/24"), tun->index(), {}, {}, {}});
  tun.reset();
  EXPECT_EQ(run("ip route show"), "");
}

TEST_F(RouteSocketTest, MovesOwnership) {
  const auto tun = tunnel();
  InstalledRoute first(routes_, {prefix("192.168.1.0/24"), tun.index(), {}, {}, {}});
  {
    InstalledRoute second(routes_, {prefix("192.168.2.0/24"), tun.index(), {}, {}, {}});
    first = std::move(second);
  }
  EXPECT_EQ(run("ip route show 192.168.1.0/24"), "");
  EXPECT_NE(run("ip route show 192.168.2.0/24"), "");
}

TEST_F(RouteSocketTest, SaysWhyARequestWasRefused) {
  EXPECT_EQ(routes_.configure({12345}, {1400, {}, true, true}), std::errc::no_such_device);
  const auto tun = tunnel();
  EXPECT_EQ(routes_.configure(tun.index(), {70'000, {}, {}, false}), std::errc::invalid_argument);
}

}  // namespace
}  // namespace sennit::io
