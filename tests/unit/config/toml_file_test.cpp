#include "config/toml_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <fstream>
#include <set>
#include <sstream>

#include "config/setting.hpp"
#include "config/validate.hpp"

namespace sennit::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

const std::string kKey = "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=";

std::vector<std::string> problems_of(std::string_view text) {
  return load_text(text, "x.toml").problems.texts();
}

TEST(TomlFile, FillsAGatewaysOptions) {
  const auto loaded = load_text(R"([gateway]
private_key_file = "gateway.key"
listen = ["0.0.0.0:6000-6003"]
masquerade = "eth0"
workers = 4
control = "/tmp/control.sock"
state = "state"
log_level = "debug"
[tunnel]
name = "tun7"
address = "10.9.0.1/24"
mode = "flow"
mtu = 1400
offload = "off"
[shaping]
backend = "tunnel"
[[peer]]
name = "home"
public_key = ")" + kKey + R"("
address = ["10.9.0.2"]
networks = ["192.168.1.0/24"]
preshared_key_file = "home.psk"
)",
                                "/etc/sennit/gw.toml");
  ASSERT_THAT(loaded.problems.texts(), IsEmpty());
  const auto& options = std::get<GatewayOptions>(loaded.options);
  EXPECT_EQ(options.endpoint.private_key_file, "/etc/sennit/gateway.key");
  ASSERT_EQ(options.listen.size(), 1U);
  EXPECT_EQ(options.listen[0].ports, (PortRange{6000, 6003}));
  EXPECT_EQ(options.masquerade, "eth0");
  EXPECT_EQ(options.workers, 4U);
  EXPECT_EQ(options.endpoint.control, "/tmp/control.sock");
  EXPECT_EQ(options.endpoint.state, "/etc/sennit/state");
  EXPECT_EQ(options.endpoint.log_level, LogLevel::kDebug);
  EXPECT_EQ(options.endpoint.tunnel.name, "tun7");
  ASSERT_EQ(options.endpoint.tunnel.addresses.size(), 1U);
  EXPECT_EQ(options.endpoint.tunnel.addresses[0].to_string(), "10.9.0.1/24");
  EXPECT_EQ(options.endpoint.tunnel.mode, Mode::kFlow);
  EXPECT_EQ(options.endpoint.tunnel.mtu, base::Bytes{1400});
  EXPECT_EQ(options.endpoint.tunnel.offload, Offload::kOff);
  ASSERT_EQ(options.peers.size(), 1U);
  EXPECT_EQ(options.peers[0].networks.front().to_string(), "192.168.1.0/24");
  EXPECT_EQ(options.peers[0].preshared_key_file, "/etc/sennit/home.psk");
  EXPECT_EQ(to_string(options.peers[0].origins.of("networks")), "/etc/sennit/gw.toml:21: peer.networks");
}

TEST(TomlFile, FillsAClientsOptions) {
  const auto loaded = load_text(R"([client]
private_key_file = "/etc/sennit/home.key"
gateway = "vps.example.net:6000-6003"
gateway_public_key = ")" + kKey + R"("
[tunnel]
route = ["default", "10.0.0.0/8"]
network = "192.168.1.0/24"
[[link]]
interface = "eth0"
name = "adsl"
sockets = 4
up = "1mbit"
down = "auto"
cost = 3
[[link]]
address = "192.0.2.7"
backup = true
quota = "5GB"
quota_day = 15
)",
                                "home.toml");
  ASSERT_THAT(loaded.problems.texts(), IsEmpty());
  const auto& options = std::get<ClientOptions>(loaded.options);
  EXPECT_EQ(options.endpoint.private_key_file, "/etc/sennit/home.key");
  EXPECT_EQ(options.gateways.front().host, "vps.example.net");
  EXPECT_EQ(options.routes.size(), 3U);
  EXPECT_EQ(options.networks.size(), 1U);
  ASSERT_EQ(options.links.size(), 2U);
  EXPECT_EQ(options.links[0].sockets, 4U);
  EXPECT_EQ(options.links[0].up, base::BitRate{1000000});
  EXPECT_EQ(options.links[0].cost, 3U);
  EXPECT_TRUE(options.links[1].backup);
  EXPECT_EQ(options.links[1].display_name(), "192.0.2.7");
  EXPECT_EQ(options.links[0].quota, std::nullopt);
  EXPECT_EQ(options.links[1].quota, base::Bytes{5'000'000'000});
  EXPECT_EQ(options.links[1].quota_day, 15U);
}

TEST(TomlFile, ReportsEveryProblemWithItsLine) {
  EXPECT_THAT(
      problems_of(R"([tunnel]
mtu = 12
mod = "flow"
mode = "fast"
[gateway]
listen = ["0.0.0.0:6000",
          "nowhere"]
lisen = 1
[[peer]]
name = 5
public_key = "x"
[gatway]
)"),
      ElementsAre(
          "x.toml:2: tunnel.mtu: '12' is out of range; allowed: auto, or 576 to 65535",
          "x.toml:3: tunnel.mod: is not a known key; did you mean 'mode'? allowed: address, name, mode, "
          "mtu or offload",
          "x.toml:4: tunnel.mode: 'fast' is not a mode; allowed: aggregate, flow, redundant or failover",
          "x.toml:7: gateway.listen: 'nowhere' is not an address with a port; allowed: ADDR:PORT or "
          "ADDR:PORT-PORT with ports 1 to 65535, at most 256 of them, IPv6 in brackets",
          "x.toml:8: gateway.lisen: is not a known key; did you mean 'listen'? allowed: private_key_file, "
          "listen, masquerade, workers, control, state or log_level",
          "x.toml:10: peer.name: is an integer; allowed: a string",
          "x.toml:11: peer.public_key: 'x' is not a public key; allowed: 44 characters of base64, as "
          "`sennit pubkey` prints",
          "x.toml:12: gatway: is not a known table; did you mean 'gateway'? allowed: gateway, tunnel, "
          "peer, shaping, policy, device, filter or profile"));
}

TEST(TomlFile, NamesTheLineOfASyntaxError) {
  const auto problems = problems_of("[gateway]\nlisten = [\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0], HasSubstr("x.toml:"));
  EXPECT_EQ(problems[0].find('\n'), std::string::npos);
  EXPECT_THAT(problems_of("[client]\nmode = = 1")[0], HasSubstr("x.toml:2: "));
}

TEST(TomlFile, IsForOneKindOfEndpoint) {
  EXPECT_THAT(
      problems_of("[gateway]\n[client]\n"),
      ElementsAre(
          "x.toml:2: has both [gateway] and [client]; allowed: one of [gateway], [client] and [shaper]"));
  EXPECT_THAT(problems_of(""),
              ElementsAre("x.toml:1: has none of the tables that say what it configures; allowed: one of "
                          "[gateway], [client] and [shaper]"));
}

TEST(TomlFile, KeepsTheKeysOfGatewayAndClientApart) {
  EXPECT_THAT(problems_of("[gateway]\n[tunnel]\nroute = 'default'\n[[link]]\n"),
              ElementsAre(HasSubstr("x.toml:3: tunnel.route: is not a known key"),
                          HasSubstr("x.toml:4: link: is not a known table")));
  EXPECT_THAT(problems_of("[client]\nmasquerade = 'eth0'\n[shaping]\nbackend = 'tunnel'\n"),
              ElementsAre(HasSubstr("x.toml:2: client.masquerade: is not a known key"),
                          HasSubstr("x.toml:3: shaping: is not a known table")));
}

TEST(TomlFile, TakesPolicies) {
  const auto loaded = load_text(R"([client]
[[policy]]
match = { dscp = ["ef", 44, "af41"], protocol = "udp", port = [5060, "10000-20000"] }
mode = "redundant"
[[policy]]
match = { protocol = ["icmp", 47], address = ["192.168.1.0/24", "10.77.0.9"], device = "phone" }
link = ["adsl", "lte"]
)",
                                "x.toml");
  ASSERT_THAT(loaded.problems.texts(), IsEmpty());
  const auto& policies = std::get<ClientOptions>(loaded.options).endpoint.policies;
  ASSERT_EQ(policies.size(), 2U);
  EXPECT_THAT(policies[0].match.dscps, ElementsAre(46, 44, 34));
  EXPECT_THAT(policies[0].match.protocols, ElementsAre(17));
  EXPECT_THAT(policies[0].match.ports, ElementsAre(PortRange{5060, 5060}, PortRange{10'000, 20'000}));
  EXPECT_EQ(policies[0].mode, Mode::kRedundant);
  EXPECT_THAT(policies[0].links, IsEmpty());
  EXPECT_THAT(policies[1].match.protocols, ElementsAre(1, 58, 47));
  EXPECT_EQ(policies[1].match.addresses.front().to_string(), "192.168.1.0/24");
  EXPECT_THAT(policies[1].devices, ElementsAre("phone"));
  EXPECT_EQ(policies[1].mode, std::nullopt);
  EXPECT_THAT(policies[1].links, ElementsAre("adsl", "lte"));
}

TEST(TomlFile, NamesWhatIsWrongInAPolicy) {
  EXPECT_THAT(
      problems_of(R"([client]
[[policy]]
match = { dscp = "gold", protocol = 256, port = "9-5", adress = "x" }
mods = "flow"
mode = "fast"
[[policy]]
match = "ef"
)"),
      ElementsAre(
          "x.toml:3: policy.match.adress: is not a known key; did you mean 'address'? allowed: dscp, "
          "protocol, port, address or device",
          "x.toml:3: policy.match.dscp: 'gold' is not a DSCP; allowed: 0 to 63, ef, va, le, cs0 to cs7, "
          "or af11 to af43",
          "x.toml:3: policy.match.port: '9-5' is not a port; allowed: 1 to 65535, or a range of them, "
          "as in 5000-5100",
          "x.toml:3: policy.match.protocol: '256' is not a protocol; allowed: tcp, udp, icmp, sctp, or "
          "0 to 255",
          "x.toml:4: policy.mods: is not a known key; did you mean 'mode'? allowed: match, mode or link",
          "x.toml:5: policy.mode: 'fast' is not a mode; allowed: aggregate, flow, redundant or failover",
          "x.toml:7: policy.match: is a string; allowed: a table, as in { dscp = … }"));
}

TEST(TomlFile, RefusesValuesOfTheWrongType) {
  EXPECT_THAT(
      problems_of("[client]\ngateway = 3\nprivate_key_file = ['a']\n[tunnel]\nmtu = 1.5\nroute = [1]\n"
                  "[[link]]\nbackup = 'yes'\nsockets = true\n"),
      ElementsAre("x.toml:2: client.gateway: is an integer; allowed: a string or an array of strings",
                  "x.toml:3: client.private_key_file: is an array; allowed: a string",
                  "x.toml:5: tunnel.mtu: is a floating-point; allowed: a whole number or a string",
                  "x.toml:6: tunnel.route: is an integer; allowed: a string or an array of strings",
                  "x.toml:8: link.backup: is a string; allowed: true or false",
                  "x.toml:9: link.sockets: is a boolean; allowed: a whole number or a string"));
  EXPECT_THAT(problems_of("tunnel = 1\npeer = 2\n[gateway]\n"),
              ElementsAre("x.toml:1: tunnel: is an integer; allowed: a [tunnel] table",
                          "x.toml:2: peer: is an integer; allowed: [[peer]] tables"));
  EXPECT_THAT(problems_of("gateway = 1\n"),
              ElementsAre("x.toml:1: gateway: is an integer; allowed: a [gateway] table"));
}

TEST(TomlFile, NeverThrowsForBrokenText) {
  for (const auto& text :
       {std::string("\0", 1), std::string("\xff\xfe"), std::string(5000, '['),
        "a" + std::string(100, '.') + "b=1", std::string("[gateway]\n[gateway]\n"),
        "[gateway]\nlisten=" + std::string(3000, '['), std::string("[gateway]\nstate=\"\\u0000\"")}) {
    EXPECT_THAT(problems_of(text), testing::Not(IsEmpty()));
  }
}

TEST(TomlFile, ThatCannotBeReadIsAProblem) {
  EXPECT_THAT(load_file("/nonexistent/x.toml").problems.texts(),
              ElementsAre("/nonexistent/x.toml: cannot be read: No such file or directory"));
  EXPECT_THAT(load_file("/").problems.texts(), ElementsAre(HasSubstr("/: cannot be read: ")));
}

std::string read_example(const std::string& name) {
  std::ifstream stream(std::string(SENNIT_SOURCE_DIR) + "/conf/" + name);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// A sample is a line that begins with `#` and no space.
std::string with_samples_switched_on(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const bool sample = line.starts_with("#") && !line.starts_with("# ");
    out += (sample ? line.substr(1) : line) + "\n";
  }
  return out;
}

template <class Options>
void expect_good(const std::string& name) {
  const auto text = read_example(name);
  for (const auto& example : {text, with_samples_switched_on(text)}) {
    const auto loaded = load_text(example, name);
    ASSERT_THAT(loaded.problems.texts(), IsEmpty());
    EXPECT_THAT(validate(std::get<Options>(loaded.options)).texts(), IsEmpty());
  }
}

void collect_keys(const toml::table& table, const std::string& place, std::set<std::string>& keys) {
  for (const auto& [key, node] : table) {
    const auto name = place + std::string(key.str());
    keys.insert(name);
    if (const auto* inner = node.as_table()) collect_keys(*inner, name + ".", keys);
    if (const auto* items = node.as_array())
      for (const auto& item : *items)
        if (const auto* inner = item.as_table()) collect_keys(*inner, name + ".", keys);
  }
}

// The keys of an example and of its samples, each with the tables that it is in: "policy.match.dscp".
std::set<std::string> keys_in(const std::string& name) {
  std::set<std::string> keys;
  collect_keys(toml::parse(with_samples_switched_on(read_example(name))), "", keys);
  return keys;
}

// The keys that these settings have: of the file, or of each [[item]].
template <class Options>
std::vector<std::string> keys_of(std::span<const Setting<Options>> settings, const std::string& item = "") {
  std::vector<std::string> keys;
  for (const auto& setting : settings) {
    if (setting.shape == Shape::kTables) continue;
    std::string key = item.empty() ? "" : item + ".";
    if (!setting.table.empty()) key += std::string(setting.table) + ".";
    keys.push_back(key + std::string(setting.key));
  }
  return keys;
}

TEST(ExampleFiles, AreGood) {
  expect_good<GatewayOptions>("gateway.example.toml");
  expect_good<ClientOptions>("client.example.toml");
  expect_good<ShaperOptions>("shaper.example.toml");
}

TEST(ExampleFiles, HoldEveryKeyInItsTable) {
  const auto gateway = keys_in("gateway.example.toml");
  const auto client = keys_in("client.example.toml");
  EXPECT_THAT(gateway, IsSupersetOf(keys_of(gateway_settings())));
  EXPECT_THAT(gateway, IsSupersetOf(keys_of(peer_settings(), "peer")));
  EXPECT_THAT(client, IsSupersetOf(keys_of(client_settings())));
  EXPECT_THAT(client, IsSupersetOf(keys_of(link_settings(), "link")));
  for (const auto& keys : {gateway, client}) {
    EXPECT_THAT(keys, IsSupersetOf(keys_of(device_settings(), "device")));
    EXPECT_THAT(keys, IsSupersetOf(keys_of(policy_settings(), "policy")));
    EXPECT_THAT(keys, IsSupersetOf(keys_of(filter_settings(), "filter")));
    EXPECT_THAT(keys, IsSupersetOf({"profile.my-3g.down", "profile.my-3g.up", "profile.my-3g.source"}));
  }
  EXPECT_THAT(keys_in("shaper.example.toml"), IsSupersetOf(keys_of(shaper_settings())));
}

}  // namespace
}  // namespace sennit::config
