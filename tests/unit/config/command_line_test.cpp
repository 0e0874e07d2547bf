#include "config/command_line.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "base/error.hpp"
#include "unit/config/temporary_folder.hpp"

namespace sennit::config {
namespace {

using Words = std::vector<std::string>;
using namespace std::chrono_literals;

const std::string kKey = "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=";

std::string refusal_of(const Words& words) {
  try {
    parse_command_line(words);
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "nothing was refused";
}

Words client_with(const Words& more) {
  Words words{"client", "--key", "k", "--gateway", "a:1", "--gateway-key", kKey, "--link", "eth0"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(CommandLine, KnowsEveryCommand) {
  EXPECT_FALSE(std::get<KeygenCommand>(parse_command_line(Words{"keygen"})).out);
  EXPECT_EQ(std::get<KeygenCommand>(parse_command_line(Words{"keygen", "-o", "k"})).out, "k");
  EXPECT_FALSE(std::get<PubkeyCommand>(parse_command_line(Words{"pubkey"})).file);
  EXPECT_EQ(std::get<PubkeyCommand>(parse_command_line(Words{"pubkey", "client"})).file, "client");
  EXPECT_EQ(std::get<CheckCommand>(parse_command_line(Words{"check", "gateway"})).file, "gateway");
  EXPECT_TRUE(std::get<DoctorCommand>(parse_command_line(Words{"doctor", "--json"})).json);
  const auto list = std::get<LinkListCommand>(parse_command_line(Words{"link", "list", "--control", "s"}));
  EXPECT_EQ(list.control, "s");
  EXPECT_EQ(std::get<LinkUpCommand>(parse_command_line(Words{"link", "up", "up"})).link, "up");
  EXPECT_EQ(
      std::get<LinkDownCommand>(parse_command_line(Words{"link", "--control=s", "down", "adsl"})).control,
      "s");
  const auto set =
      std::get<LinkSetCommand>(parse_command_line(Words{"link", "set", "adsl", "up=1mbit", "backup=no"}));
  EXPECT_EQ(set.link, "adsl");
  EXPECT_EQ(set.changes,
            (std::vector<std::pair<std::string, std::string>>{{"up", "1mbit"}, {"backup", "no"}}));
}

TEST(CommandLine, TakesStatusOptions) {
  const auto plain = std::get<StatusCommand>(parse_command_line(Words{"status"}));
  EXPECT_FALSE(plain.json);
  EXPECT_FALSE(plain.watch);
  EXPECT_EQ(plain.control, kDefaultControl);
  const auto watch = [](const std::string& option) {
    return std::get<StatusCommand>(parse_command_line(Words{"status", option, "--json"})).watch;
  };
  EXPECT_EQ(watch("--watch"), 1s);
  EXPECT_EQ(watch("--watch=5"), 5s);
  EXPECT_EQ(watch("--watch=0.5"), 500ms);
  EXPECT_EQ(watch("--watch=200ms"), 200ms);
}

TEST(CommandLine, TakesWhatStandsBehindTwoDashesAsItIs) {
  EXPECT_EQ(std::get<PubkeyCommand>(parse_command_line(Words{"pubkey", "--", "-k1"})).file, "-k1");
  EXPECT_EQ(std::get<CheckCommand>(parse_command_line(Words{"check", "--", "--help"})).file, "--help");
  EXPECT_FALSE(std::get<PubkeyCommand>(parse_command_line(Words{"pubkey", "--"})).file);
  EXPECT_THAT(refusal_of({"pubkey", "--", "a", "--"}), testing::HasSubstr("'--' is one argument too many"));
  EXPECT_THAT(refusal_of({"keygen", "-o", "--", "a"}), testing::HasSubstr("the value is missing"));
}

TEST(CommandLine, HasHelpThatFitsAScreen) {
  for (const Words& words : {Words{"--help"},
                             {"-h"},
                             {"gateway", "--help"},
                             {"client", "-h"},
                             {"keygen", "--help"},
                             {"pubkey", "--help"},
                             {"check", "--help"},
                             {"status", "--help"},
                             {"link", "set", "--help"},
                             {"doctor", "--help"}}) {
    const auto exit = std::get<ExitCommand>(parse_command_line(words));
    EXPECT_EQ(exit.status, 0);
    EXPECT_THAT(exit.text, testing::HasSubstr("Usage: sennit " + (words.size() > 1 ? words[0] : "COMMAND")));
    std::istringstream lines(exit.text);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 100U) << line;
    EXPECT_LE(count, 40);
  }
}

TEST(CommandLine, PrintsTheVersion) {
  const char* argv[] = {"sennit", "--version"};
  EXPECT_EQ(std::get<ExitCommand>(parse(2, argv)).text, "sennit " SENNIT_VERSION "\n");
}

TEST(CommandLine, ConfiguresAGatewayWithoutAFile) {
  const auto options =
      std::get<GatewayCommand>(
          parse_command_line(Words{"gateway", "--key", "k", "--listen", "[::]:7000", "--listen",
                                   "0.0.0.0:7000-7003", "--peer", "home=" + kKey + ",10.77.0.2", "--peer",
                                   "b=N" + kKey.substr(1), "--masquerade", "eth0", "--shaping", "tunnel",
                                   "--mtu", "1400"}))
          .options;
  EXPECT_EQ(options.endpoint.private_key_file, "k");
  EXPECT_EQ(options.listen.size(), 2U);
  EXPECT_EQ(options.peers.size(), 2U);
  EXPECT_EQ(options.masquerade, "eth0");
  EXPECT_EQ(options.endpoint.tunnel.mtu, base::Bytes{1400});
  EXPECT_EQ(options.endpoint.tunnel.addresses.front().to_string(), "10.77.0.1/24");
  EXPECT_EQ(options.endpoint.tunnel.name, "sennit0");
  EXPECT_EQ(options.endpoint.state, "/var/lib/sennit");
}

TEST(CommandLine, HasTheDefaultsOfTheContract) {
  const auto options = std::get<GatewayCommand>(parse_command_line(Words{"gateway", "--key", "k"})).options;
  ASSERT_EQ(options.listen.size(), 2U);
  EXPECT_EQ(options.listen[0].address.to_string(), "0.0.0.0");
  EXPECT_EQ(options.listen[1].address.to_string(), "::");
  EXPECT_EQ(options.listen[1].ports, (PortRange{6000, 6000}));
  EXPECT_EQ(options.endpoint.control, "/run/sennit/control.sock");
  EXPECT_EQ(options.endpoint.log_level, LogLevel::kInfo);
  EXPECT_EQ(options.endpoint.tunnel.mode, Mode::kAggregate);
  EXPECT_EQ(options.endpoint.tunnel.mtu, std::nullopt);
}

TEST(CommandLine, ConfiguresAClientWithoutAFile) {
  const auto options =
      std::get<ClientCommand>(
          parse_command_line(client_with({"--link", "wlan0,name=4g,backup", "--route", "default", "--network",
                                          "192.168.1.0/24", "--mode", "flow", "--mode", "failover",
                                          "--log-level", "debug"})))
          .options;
  EXPECT_EQ(options.links.size(), 2U);
  EXPECT_EQ(options.routes.size(), 2U);
  EXPECT_EQ(options.networks.size(), 1U);
  EXPECT_EQ(options.endpoint.tunnel.mode, Mode::kFailover);
  EXPECT_EQ(options.endpoint.log_level, LogLevel::kDebug);
}

TEST(CommandLine, NamesTheOptionThatIsWrong) {
  const std::pair<Words, std::string> cases[] = {
      {{"--mtu", "12"}, "--mtu: '12' is out of range; allowed: auto, or 576 to 65535"},
      {{"--mode", "fast"}, "--mode: 'fast' is not a mode; allowed: aggregate, flow, redundant or failover"},
      {{"--mtu"}, "--mtu: the value is missing; `sennit client --help` shows what is allowed"},
      {{"--mtux", "3"},
       "'--mtux' is not an option of sennit client; did you mean --mtu? `sennit client --help` shows what is "
       "allowed"},
      {{"--zzzzzzzzz"},
       "'--zzzzzzzzz' is not an option of sennit client; `sennit client --help` shows what is allowed"},
      {{"eth0"}, "'eth0' is one argument too many; `sennit client --help` shows what is allowed"},
      {{"--link", "eth1,sockets=33"}, "--link: sockets: '33' is out of range; allowed: 1 to 32"},
      {{"--link", "eth0"}, "--link eth0: 'eth0' names two links; give each its own name"},
      {{"--key", ""}, "--key: the path is empty; allowed: the path of a file"},
      {{"--mode", "x", "--link", "sennit0"},
       "--mode: 'x' is not a mode; allowed: aggregate, flow, redundant or failover\n"
       "--link sennit0: 'sennit0' is the tunnel itself; name the interface of an access line"}};
  for (const auto& [words, message] : cases) EXPECT_EQ(refusal_of(client_with(words)), message);
}

TEST(CommandLine, NamesThePeerWhosePartIsWrong) {
  EXPECT_EQ(
      refusal_of({"gateway", "--key", "k", "--peer", "home=abc"}),
      "--peer home: public_key: 'abc' is not a public key; allowed: 44 characters of base64, as `sennit "
      "pubkey` prints");
  EXPECT_EQ(refusal_of({"gateway", "--key", "k", "--peer", "home"}),
            "--peer: 'home' is not a peer; allowed: NAME=PUBKEY[,ADDRESS|PREFIX...]");
}

TEST(CommandLine, NamesWhatIsMissing) {
  EXPECT_EQ(refusal_of({"client"}),
            "private_key_file: is missing; give it in the file or as --key FILE (`sennit keygen -o FILE` "
            "makes one)\n"
            "gateway: is missing; give it in the file or as --gateway HOST:PORT\n"
            "gateway_public_key: is missing; give it in the file or as --gateway-key PUBKEY\n"
            "link: is missing; add a [[link]] table to the file or give --link IFACE");
}

TEST(CommandLine, AShaperNeedsItsTwoInterfaces) {
  const auto shaper = std::get<ShaperCommand>(
      parse_command_line(Words{"shaper", "--lan", "eth1", "--wan", "eth0", "--take-over"}));
  EXPECT_EQ(shaper.options.lan, "eth1");
  EXPECT_EQ(shaper.options.wan, "eth0");
  EXPECT_TRUE(shaper.options.take_over);
  for (const auto& [words, message] : std::vector<std::pair<Words, std::string>>{
           {{"shaper", "--lan", "eth1"}, "wan: is missing; give it in the file or as --wan IFACE"},
           {{"shaper", "--lan", "eth1", "--wan", "eth1"},
            "--wan: 'eth1' is the LAN's interface too; devices are shaped between two interfaces"}})
    EXPECT_EQ(refusal_of(words), message);
}

TEST(CommandLine, RefusesOtherWrongUsageInOneSentence) {
  const std::string kChanges =
      "up=RATE, down=RATE, cost=N, backup=yes|no, quota=SIZE|none, "
      "quota_day=N and impair=PROFILE|OPTIONS|none";
  const std::pair<Words, std::string> cases[] = {
      {{}, "no command is given; `sennit --help` lists them"},
      {{"stauts"},
       "'stauts' is not a command; did you mean 'status'? allowed: keygen, pubkey, gateway, client, shaper, "
       "check, status, link, device, profile, capture, filter or doctor"},
      {{"check"}, "FILE is missing; run `sennit check FILE` with the configuration to check"},
      {{"check", "a", "b"}, "'b' is one argument too many; `sennit check --help` shows what is allowed"},
      {{"status", "--watch=0"}, "--watch: '0' is not an interval; allowed: 0.1 to 3600 seconds"},
      {{"status", "--watch=x"}, "--watch: 'x' is not an interval; allowed: 0.1 to 3600 seconds"},
      {{"status", "--control", ""}, "--control: the path is empty; allowed: the path of a file"},
      {{"link"}, "link: the verb is missing; allowed: list, set, up or down"},
      {{"link", "rename"}, "link: 'rename' is not a verb; allowed: list, set, up or down"},
      {{"link", "up"}, "link up: NAME is missing; `sennit link list` shows the names"},
      {{"link", "up", "a", "b"}, "link up: 'b' is one argument too many; name one link"},
      {{"link", "up", "a", "--json"}, "link up: --json is not an option of it; allowed with link list"},
      {{"link", "set", "a"}, "link set: no change is given; allowed: " + kChanges},
      {{"link", "set", "a", "cost"}, "link set: cost: '' is not a cost; allowed: 0 to 4294967295"},
      {{"link", "set", "a", "name=b"},
       "link set: 'name' is not a key of a link that can be changed; allowed: " + kChanges}};
  for (const auto& [words, message] : cases) EXPECT_EQ(refusal_of(words), message);
}

class CommandLineWithFile : public TemporaryFolder {};

TEST_F(CommandLineWithFile, WinsOverTheFile) {
  const auto file =
      write("c.toml",
            "[client]\nprivate_key_file='k'\ngateway=['a:1','b:1']\n[tunnel]\nmode='flow'\nmtu=1400\n"
            "[[link]]\ninterface='eth0'\n[[link]]\ninterface='eth1'\n");
  const auto options =
      std::get<ClientCommand>(parse_command_line(Words{"client", "-c", file, "--mode", "failover", "--link",
                                                       "wlan0", "--gateway-key", kKey}))
          .options;
  EXPECT_EQ(options.endpoint.private_key_file, folder_ / "k");
  EXPECT_EQ(options.gateways.size(), 2U);
  EXPECT_EQ(options.endpoint.tunnel.mode, Mode::kFailover);
  EXPECT_EQ(options.endpoint.tunnel.mtu, base::Bytes{1400});
  ASSERT_EQ(options.links.size(), 1U);
  EXPECT_EQ(options.links[0].interface, "wlan0");
}

TEST_F(CommandLineWithFile, ReportsTheProblemsOfBoth) {
  const auto file = write("c.toml", "[gateway]\nprivate_key_file='k'\nlisten='x'\n");
  EXPECT_EQ(refusal_of({"gateway", "-c", file, "--mtu", "1"}),
            "--mtu: '1' is out of range; allowed: auto, or 576 to 65535\n" + file.string() +
                ":3: gateway.listen: 'x' is not an address with a port; allowed: ADDR:PORT or ADDR:PORT-PORT "
                "with ports 1 "
                "to 65535, at most 256 of them, IPv6 in brackets");
}

TEST_F(CommandLineWithFile, RefusesTheFileOfTheOtherEnd) {
  const auto file = write("c.toml", "[client]\n").string();
  EXPECT_EQ(refusal_of({"gateway", "-c", file}),
            file + ": configures a client; run `sennit client -c " + file + "`");
  EXPECT_EQ(refusal_of({"gateway", "-c", folder_ / "no.toml"}),
            (folder_ / "no.toml").string() + ": cannot be read: No such file or directory");
}

}  // namespace
}  // namespace sennit::config
