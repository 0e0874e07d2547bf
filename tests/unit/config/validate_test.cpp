#include "config/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/toml_file.hpp"

namespace sennit::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kKeyA = "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=";
const std::string kKeyB = "NFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=";

std::vector<std::string> problems_of(const std::string& text) {
  const auto loaded = load_text(text, "x.toml");
  auto problems = loaded.problems;
  if (const auto* gateway = std::get_if<GatewayOptions>(&loaded.options))
    problems.add_all(validate(*gateway));
  if (const auto* client = std::get_if<ClientOptions>(&loaded.options)) problems.add_all(validate(*client));
  if (const auto* shaper = std::get_if<ShaperOptions>(&loaded.options)) problems.add_all(validate(*shaper));
  return problems.texts();
}

std::string peer(const std::string& name, const std::string& key, const std::string& rest = {}) {
  return "[[peer]]\nname='" + name + "'\npublic_key='" + key + "'\n" + rest;
}

const std::string kGateway = "[gateway]\nprivate_key_file='k'\n";
const std::string kShaper = "[shaper]\nlan='lan0'\nwan='wan0'\n";
const std::string kClient =
    "[client]\nprivate_key_file='k'\ngateway='a:1'\ngateway_public_key='" + kKeyA + "'\n";

TEST(GatewayOptionsCheck, TakesAGatewayWithoutPeers) {
  EXPECT_THAT(problems_of(kGateway), IsEmpty());
}

TEST(GatewayOptionsCheck, TellsEveryImpairmentOptionThatIsWrongWithItsLine) {
  EXPECT_THAT(
      problems_of(kGateway + "[[device]]\nmatch='10.77.0.2'\ndown='rate=abc loss=5'\nup='delay=xyz'\n"),
      ElementsAre(HasSubstr("x.toml:5: device.down: rate: "), HasSubstr("x.toml:5: device.down: loss: "),
                  HasSubstr("x.toml:6: device.up: delay: ")));
  EXPECT_THAT(
      problems_of(kGateway +
                  "[[device]]\nmatch='10.77.0.2'\n[device.down]\ndelay='1ms'\nrate='abc'\nlosss='1%'\n"),
      ElementsAre(HasSubstr("x.toml:7: device.down: rate: "), HasSubstr("x.toml:8: device.down: 'losss' ")));
  EXPECT_THAT(
      problems_of(kGateway + "[profile.slow.down]\ndelay='1ms'\nrate='abc'\nloss=0.01\n"),
      ElementsAre(HasSubstr("x.toml:5: profile.slow.down: rate: "),
                  HasSubstr("x.toml:6: profile.slow.down: loss: is a floating-point; allowed: a string")));
  EXPECT_THAT(problems_of(kGateway + "[[device]]\nmatch='10.77.0.2'\ndown={loss=0.01, aqm=true}\n"),
              ElementsAre(HasSubstr("x.toml:5: device.down: aqm: is a boolean; allowed: a string"),
                          HasSubstr("x.toml:5: device.down: loss: is a floating-point; allowed: a string")));
}

TEST(GatewayOptionsCheck, NamesWhatIsMissing) {
  EXPECT_THAT(
      problems_of("[gateway]\n[tunnel]\naddress=[]\n[[peer]]\n"),
      ElementsAre("x.toml:1: gateway.private_key_file: is missing; give it in the file or as --key FILE "
                  "(`sennit keygen -o FILE` makes one)",
                  "x.toml:3: tunnel.address: is missing; give at least one in [tunnel] or as --address CIDR",
                  "x.toml:4: peer.name: is missing; name the client",
                  "x.toml:4: peer.public_key: is missing; give what `sennit pubkey` prints on the client"));
  EXPECT_THAT(
      validate(GatewayOptions{}).texts(),
      ElementsAre(
          "private_key_file: is missing; give it in the file or as --key FILE (`sennit keygen -o FILE` "
          "makes one)"));
}

TEST(ClientOptionsCheck, TakesAsManyNetworksAsAHandshakeHolds) {
  const auto with_networks = [](int count) {
    std::string text = kClient + "[tunnel]\nnetwork=[";
    for (int i = 0; i < count; ++i) text += "'fd00:0:" + std::to_string(i) + "::/48',";
    return text + "]\n[[link]]\ninterface='eth0'\n";
  };
  EXPECT_THAT(problems_of(with_networks(53)), IsEmpty());
  EXPECT_THAT(problems_of(with_networks(54)),
              ElementsAre("x.toml:6: tunnel.network: 54 networks are more than a handshake holds; allowed: "
                          "about 145 of IPv4 or 53 of IPv6, the tunnel's addresses included; join "
                          "neighbours to larger ones"));
}

TEST(Policies, SaySomethingOfLinksAndDevicesThatThereAre) {
  EXPECT_THAT(
      problems_of(kClient + R"([[link]]
interface = "eth0"
name = "adsl"
[[device]]
name = "phone"
match = "192.168.1.23"
profile = "nlc-3g"
[[policy]]
match = { device = "phone" }
link = "adsl"
[[policy]]
mode = "flow"
[[policy]]
match = { dscp = 46 }
[[policy]]
match = { device = "fone", port = 1 }
link = ["lte"]
)"),
      ElementsAre("x.toml:15: policy: matches nothing in particular; give match = { … } with dscp, protocol, "
                  "port, address or device",
                  "x.toml:17: policy: changes nothing; give mode or link",
                  "x.toml:20: policy.match.device: 'fone' is not the name of a device; allowed: phone",
                  "x.toml:21: policy.link: 'lte' is not the name of a link; allowed: adsl"));
}

TEST(Policies, OfAGatewayMayNameLinksThatItDoesNotKnowYet) {
  EXPECT_THAT(problems_of(kGateway + "[[policy]]\nmatch = { dscp = 'ef' }\nlink = 'lte'\n"), IsEmpty());
}

TEST(Policies, AreSixtyThreeAtTheMost) {
  std::string text = kGateway;
  for (int i = 0; i < 64; ++i) text += "[[policy]]\nmatch = { dscp = 1 }\nmode = 'flow'\n";
  EXPECT_THAT(problems_of(text), ElementsAre("x.toml:192: policy: is one too many; allowed: 63 policies"));
}

TEST(Filters, SayOneThingToDoWithPacketsOfDevicesThatThereAre) {
  EXPECT_THAT(
      problems_of(kGateway + R"([[device]]
name = "phone"
match = "192.168.1.23"
[[filter]]
device = "phone"
direction = "up"
match = { protocol = "udp", port = [53, "5000-5100"] }
action = "drop"
[[filter]]
device = "fone"
[[filter]]
action = "duplicate"
[[filter]]
action = "count"
to = "phone"
[[filter]]
action = "duplicate"
to = "tablet"
[[filter]]
action = "reject"
direction = "left"
)"),
      ElementsAre("x.toml:11: filter.action: is missing; allowed: drop, allow, count or duplicate",
                  "x.toml:12: filter.device: 'fone' is not the name of a device; did you mean 'phone'? "
                  "allowed: phone",
                  "x.toml:13: filter.to: is missing; allowed: the name of a device, or FILE.pcapng",
                  "x.toml:17: filter.to: stands beside action count; allowed: with duplicate alone",
                  "x.toml:20: filter.to: 'tablet' is not the name of a device; allowed: phone",
                  "x.toml:22: filter.action: 'reject' is not an action; allowed: drop, allow, count or "
                  "duplicate",
                  "x.toml:23: filter.direction: 'left' is not a direction; allowed: both, down or up"));
}

TEST(Filters, AreRefusedWhereDevicesAreLeftToTc) {
  EXPECT_THAT(
      problems_of(kGateway + "masquerade='eth0'\n[shaping]\nbackend='tc'\n[[filter]]\naction='drop'\n"),
      ElementsAre("x.toml:6: filter: filters work in the tunnel alone, and devices are left to tc here; "
                  "remove it, or use nft"));
}

TEST(GatewayOptionsCheck, DoesNotCallMissingWhatWasRefused) {
  EXPECT_EQ(problems_of("[gateway]\nprivate_key_file=1\nlisten='x'\n" + peer("a b", "x")).size(), 4U);
}

TEST(GatewayOptionsCheck, RefusesWhatTwoPeersShare) {
  EXPECT_THAT(
      problems_of(kGateway + peer("a", kKeyA, "address='10.77.0.2'\nnetworks='10.1.0.0/16'\n") +
                  peer("a", kKeyA, "address=['10.77.0.2']\nnetworks=['10.1.0.0/16']\n")),
      ElementsAre(
          "x.toml:9: peer.name: 'a' belongs to the peer 'a' of line 3 already; give each its own",
          "x.toml:10: peer.public_key: '" + kKeyA +
              "' belongs to the peer 'a' of line 3 already; give each its own",
          "x.toml:11: peer.address: 10.77.0.2 belongs to the peer 'a' of line 3 already; give each its own",
          "x.toml:12: peer.networks: 10.1.0.0/16 belongs to the peer 'a' of line 3 already; give each its "
          "own"));
}

TEST(GatewayOptionsCheck, LetsNetworksNest) {
  EXPECT_THAT(problems_of(kGateway + peer("a", kKeyA, "networks='192.168.0.0/16'\n") +
                          peer("b", kKeyB, "networks='192.168.1.0/24'\n")),
              IsEmpty());
}

TEST(GatewayOptionsCheck, KeepsPeersWithinTheTunnelsNetwork) {
  EXPECT_THAT(
      problems_of(kGateway +
                  peer("a", kKeyA, "address=['10.88.0.2', '10.77.0.1', '10.77.0.255', 'fd00::2']\n")),
      ElementsAre(
          "x.toml:6: peer.address: 10.88.0.2 lies outside the tunnel's network; allowed: an address in "
          "10.77.0.0/24, or a network behind the client in networks",
          "x.toml:6: peer.address: 10.77.0.1 is the gateway's own address; allowed: another one in "
          "10.77.0.0/24",
          "x.toml:6: peer.address: 10.77.0.255 is the network or broadcast address of 10.77.0.0/24; "
          "allowed: another address in it",
          "x.toml:6: peer.address: fd00::2 lies outside the tunnel's network; allowed: an address in "
          "10.77.0.0/24, or a network behind the client in networks"));
}

TEST(GatewayOptionsCheck, RefusesNetworksThatHoldTheGatewayItself) {
  EXPECT_THAT(
      problems_of(kGateway + peer("a", kKeyA, "networks=['10.0.0.0/8', '0.0.0.0/0']\n")),
      ElementsAre(
          "x.toml:6: peer.networks: '0.0.0.0/0' is the whole address space; allowed: a network, as in "
          "192.168.1.0/24 or fd00:1::/64",
          "x.toml:6: peer.networks: 10.0.0.0/8 holds the gateway's own address 10.77.0.1; allowed: "
          "networks without it"));
}

TEST(GatewayOptionsCheck, RefusesOverlappingListenAddresses) {
  EXPECT_THAT(problems_of(kGateway + "listen=['0.0.0.0:6000-6003','0.0.0.0:6003','[::]:6000']\n"),
              ElementsAre("x.toml:3: gateway.listen: 0.0.0.0 is given twice with the port 6003; remove one"));
  EXPECT_THAT(problems_of(kGateway + "listen=[]\n"),
              ElementsAre("x.toml:3: gateway.listen: is empty; allowed: at least one ADDR:PORT"));
}

TEST(GatewayOptionsCheck, RefusesMasqueradingIntoTheTunnel) {
  EXPECT_THAT(
      problems_of(kGateway + "masquerade='sennit0'\n"),
      ElementsAre("x.toml:3: gateway.masquerade: 'sennit0' is the tunnel itself; name the interface to the "
                  "internet"));
}

TEST(EndpointOptionsCheck, NeedsTheMtuOfIpv6ForIpv6) {
  const std::string text = kGateway + "[tunnel]\naddress=['10.77.0.1/24','fd00::1/64']\nmtu=1279\n";
  EXPECT_THAT(
      problems_of(text),
      ElementsAre(
          "x.toml:5: tunnel.mtu: '1279' is too small for the IPv6 address fd00::1/64; allowed: auto, or "
          "1280 to 65535 with IPv6"));
  EXPECT_THAT(problems_of(kGateway + "[tunnel]\nmtu=1279\n"), IsEmpty());
}

TEST(EndpointOptionsCheck, RefusesAnAddressGivenTwiceAndAnOverlongControlSocket) {
  EXPECT_THAT(
      problems_of(kGateway + "control='/" + std::string(107, 'a') +
                  "'\n[tunnel]\naddress=['10.77.0.1/24','10.77.0.1/16']\n"),
      ElementsAre("x.toml:3: gateway.control: the path is too long for a socket; allowed: at most 107 bytes",
                  "x.toml:5: tunnel.address: 10.77.0.1 is given twice; remove one"));
}

TEST(ClientOptionsCheck, NamesWhatIsMissing) {
  EXPECT_THAT(
      problems_of("[client]\n"),
      ElementsAre(
          "x.toml:1: client.private_key_file: is missing; give it in the file or as --key FILE (`sennit "
          "keygen -o FILE` makes one)",
          "x.toml:1: client.gateway: is missing; give it in the file or as --gateway HOST:PORT",
          "x.toml:1: client.gateway_public_key: is missing; give it in the file or as --gateway-key "
          "PUBKEY",
          "x.toml:1: client.link: is missing; add a [[link]] table to the file or give --link IFACE"));
}

TEST(ClientOptionsCheck, RefusesLinksThatCannotBeToldApart) {
  EXPECT_THAT(
      problems_of(kClient + "[[link]]\ninterface='eth0'\n[[link]]\naddress='192.0.2.7'\nname='eth0'\n"),
      ElementsAre("x.toml:9: link.name: 'eth0' names two links; give each its own name"));
}

TEST(ClientOptionsCheck, NeedsOneWayToNameALink) {
  EXPECT_THAT(
      problems_of(kClient +
                  "[[link]]\n[[link]]\ninterface='eth0'\naddress='192.0.2.7'\n[[link]]\n"
                  "interface='sennit0'\n[[link]]\naddress='2001:db8:1111:2222:3333:4444:5555:6666'\n"),
      ElementsAre(
          "x.toml:5: link: names no line; give interface or address",
          "x.toml:8: link.address: stands beside interface; give one of them",
          "x.toml:10: link.interface: 'sennit0' is the tunnel itself; name the interface of an access line",
          "x.toml:11: link.name: is missing, and the address is longer than a name can be; give name"));
}

TEST(ClientOptionsCheck, LimitsTheSocketsOfAllLinks) {
  EXPECT_THAT(
      problems_of(kClient + "[[link]]\ninterface='a'\nsockets=30\n[[link]]\ninterface='b'\nsockets=2\n"),
      IsEmpty());
  EXPECT_THAT(
      problems_of(kClient + "[[link]]\ninterface='a'\nsockets=30\n[[link]]\ninterface='b'\nsockets=3\n"),
      ElementsAre(
          "x.toml:10: link.sockets: with this link there are 33 sockets; allowed: at most 32 over all "
          "links"));
}

TEST(ClientOptionsCheck, RefusesANetworkThatHoldsTheTunnel) {
  EXPECT_THAT(
      problems_of(kClient +
                  "[tunnel]\naddress='10.77.0.2/24'\nnetwork='10.0.0.0/8'\n[[link]]\ninterface='a'\n"),
      ElementsAre(
          "x.toml:7: tunnel.network: 10.0.0.0/8 holds the tunnel address 10.77.0.2/24 of this client; "
          "name the LAN only"));
}

TEST(DevicesCheck, LeavesADeviceToABackEndThatIsThere) {
  const std::string tc = "[[device]]\nmatch='10.0.0.1'\nbackend='tc'\n";
  const std::string tunnel = "[[device]]\nmatch='10.0.0.1'\nbackend='tunnel'\n";
  const std::string shaping = "masquerade='eth0'\n[shaping]\nbackend='tc'\n";
  EXPECT_THAT(problems_of(kClient + "[[link]]\ninterface='a'\n" + tc),
              ElementsAre("x.toml:9: device.backend: 'tc' does not run on a client; allowed: tunnel"));
  EXPECT_THAT(problems_of(kShaper + tunnel),
              ElementsAre("x.toml:6: device.backend: 'tunnel' does not run on a shaper; allowed: tc"));
  EXPECT_THAT(problems_of(kGateway + tc),
              ElementsAre("x.toml:5: device.backend: 'tc' does not run on a gateway without [shaping] "
                          "backend = \"tc\"; allowed: tunnel"));
  EXPECT_THAT(problems_of(kGateway + shaping + tc), IsEmpty());
  EXPECT_THAT(problems_of(kGateway + shaping + tunnel), IsEmpty());
}

TEST(DevicesCheck, RefusesWhatTcCannotDoWhereADeviceIsLeftToIt) {
  const std::string outage = "[[device]]\nmatch='10.0.0.1'\nup='outage=10s/1s'\n";
  const std::string told = "device.up: outage: tc has no outages; use the tunnel back end";
  const std::string shaping = "masquerade='eth0'\n[shaping]\nbackend='tc'\n";
  EXPECT_THAT(problems_of(kShaper + outage), ElementsAre("x.toml:6: " + told));
  EXPECT_THAT(problems_of(kGateway + shaping + outage), ElementsAre("x.toml:8: " + told));
  EXPECT_THAT(problems_of(kGateway + shaping + outage + "backend='tunnel'\n"), IsEmpty());
  EXPECT_THAT(problems_of(kGateway + outage), IsEmpty());
  EXPECT_THAT(problems_of(kShaper + "[profile.x]\ndown='rate=1mbit aqm=sfq'\n[[device]]\nmatch='10.0.0.1'\n"
                                    "profile='x'\n"),
              ElementsAre("x.toml:8: device.profile: aqm: tc's queue is droptail or fq_codel; choose one of "
                          "them"));
}

TEST(DevicesCheck, RefusesADeviceOverPeersOfSeveralWorkers) {
  const auto peers = peer("a", kKeyA, "address='10.77.0.2'\n") +
                     peer("b", kKeyB, "address='10.77.0.3'\nnetworks='192.168.1.0/24'\n");
  const auto device = [](const std::string& match) { return "[[device]]\nmatch='" + match + "'\n"; };
  const auto several = testing::HasSubstr("has packets of peers of several workers");
  EXPECT_THAT(problems_of(kGateway + "workers=2\n" + peers + device("default")), ElementsAre(several));
  EXPECT_THAT(problems_of(kGateway + "workers=2\n" + peers + device("10.77.0.0/24")), ElementsAre(several));
  EXPECT_THAT(problems_of(kGateway + "workers=2\n" + peers + device("10.77.0.2")), IsEmpty());
  EXPECT_THAT(problems_of(kGateway + "workers=2\n" + peers + device("192.168.0.0/16")), IsEmpty());
  EXPECT_THAT(problems_of(kGateway + peers + device("default")), IsEmpty());
  EXPECT_THAT(
      problems_of(kGateway + "workers=2\n" + peer("a", kKeyA, "address='10.77.0.2'\n") + device("default")),
      IsEmpty())
      << "there is one peer, so one worker";
}

}  // namespace
}  // namespace sennit::config
