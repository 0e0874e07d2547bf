#include "config/help.hpp"

#include <array>

#include "config/setting.hpp"

namespace sennit::config {

namespace {

constexpr std::size_t kHelpColumn = 31;

std::string option_line(std::string_view option, std::string_view value, std::string_view help) {
  std::string line = "  " + std::string(option) + (value.empty() ? "" : " ") + std::string(value);
  line += std::string(line.size() < kHelpColumn ? kHelpColumn - line.size() : 1, ' ');
  return line + std::string(help) + "\n";
}

template <class Options>
std::string options_of(std::span<const Setting<Options>> settings) {
  auto text =
      option_line("-c, --config", "FILE", "configuration (sennit.toml(5)); options given here win over it");
  for (const auto& setting : settings) {
    if (!setting.option.empty()) text += option_line(setting.option, setting.value, setting.help);
  }
  return text + option_line("-h, --help", "", "this text");
}

std::string gateway_help() {
  return "Usage: sennit gateway [-c FILE] [options]\n"
         "Runs the gateway in the foreground until SIGINT, SIGTERM or SIGHUP.\n\n" +
         options_of(gateway_settings()) +
         "\nPEER: the client's name and public key, then its inner addresses and the networks behind it.\n"
         "      Without an address the gateway assigns one from its own network and keeps it.\n"
         "Every option has its key in the file; a repeatable option replaces the file's whole list.\n";
}

std::string client_help() {
  return "Usage: sennit client [-c FILE] [options]\n"
         "Runs the client in the foreground until SIGINT, SIGTERM or SIGHUP.\n\n" +
         options_of(client_settings()) +
         "\nLINK: IFACE[,name=NAME][,sockets=N][,up=RATE][,down=RATE][,cost=N][,backup]\n"
         "      [,quota=SIZE][,quota_day=N][,impair=PROFILE], or a source address instead of IFACE;\n"
         "      at most 32 sockets over all links.\n"
         "SIZE: 500MB, 5GB: what the link may carry in a month, which begins on its day N [1].\n"
         "RATE: 500kbit, 20mbit, 1.5gbit or auto (measured).\n"
         "Every option has its key in the file; a repeatable option replaces the file's whole list.\n";
}

std::string shaper_help() {
  return "Usage: sennit shaper --lan IFACE --wan IFACE [-c FILE] [options]\n"
         "Shapes the traffic of devices that this router forwards between two interfaces, by the kernel's "
         "tc\n"
         "and without a tunnel, in the foreground until SIGINT, SIGTERM or SIGHUP. `sennit device` sets the "
         "devices.\n\n" +
         options_of(shaper_settings()) + "\nEvery option has its key in the file.\n";
}

constexpr std::string_view kKeygenHelp =
    "Usage: sennit keygen [-o FILE]\n"
    "Makes a new private key: one line of base64, on standard output.\n\n"
    "  -o, --out FILE   write the private key to the new FILE with mode 0600 (an existing file is never\n"
    "                   overwritten) and print the public key instead\n"
    "  -h, --help       this text\n";

constexpr std::string_view kPubkeyHelp =
    "Usage: sennit pubkey [FILE]\n"
    "Prints the public key of the private key in FILE or, without FILE, on standard input.\n\n"
    "  -h, --help       this text\n";

constexpr std::string_view kCheckHelp =
    "Usage: sennit check FILE\n"
    "Validates a configuration without touching the system: prints every error with file and line and\n"
    "leaves with status 2, or prints `FILE: ok`. A key file that does not exist yet is a note.\n\n"
    "  -h, --help       this text\n";

constexpr std::string_view kStatusHelp =
    "Usage: sennit status [--json] [--watch[=SECONDS]] [--control PATH]\n"
    "Shows what the running endpoint carries: peers and paths with rates, round-trip time and loss.\n\n"
    "  --json               one JSON object\n"
    "  --watch[=SECONDS]    again and again, every SECONDS (0.1 to 3600) [1]\n"
    "  --control PATH       the endpoint's control socket [/run/sennit/control.sock]\n"
    "  -h, --help           this text\n";

constexpr std::string_view kLinkHelp =
    "Usage: sennit link list [--json] [--control PATH]\n"
    "       sennit link set NAME KEY=VALUE... [--control PATH]\n"
    "       sennit link up NAME | down NAME [--control PATH]\n"
    "Lists or changes the links of the running client, until it stops.\n\n"
    "  list             every link with its state and settings\n"
    "  set              up=RATE|auto, down=RATE|auto, cost=N, backup=yes|no,\n"
    "                   quota=SIZE|none, quota_day=N, impair=PROFILE|OPTIONS|none\n"
    "                   (both directions; or impair_up=, impair_down=)\n"
    "  up, down         use the link again, or leave it alone\n"
    "  --json           list as JSON\n"
    "  --control PATH   the endpoint's control socket [/run/sennit/control.sock]\n"
    "  -h, --help       this text\n";

constexpr std::string_view kCaptureHelp =
    "Usage: sennit capture DEVICE -w FILE [--point before|after] [--control PATH]\n"
    "Writes the packets of a device as pcapng until it is interrupted. They are seen by the endpoint on "
    "their\n"
    "way into the device's impairment (interface \"before\") and out of it (interface \"after\"); DEVICE is "
    "one\n"
    "that `sennit device list` shows.\n\n"
    "  -w FILE          the file; - is standard output\n"
    "  --point WHICH    only packets before or after the impairment [both]\n"
    "  --control PATH   the endpoint's control socket [/run/sennit/control.sock]\n"
    "  -h, --help       this text\n";

constexpr std::string_view kDeviceHelp =
    "Usage: sennit device list [--json] | show DEVICE [--json]\n"
    "       sennit device set DEVICE --profile NAME [--for DURATION] [--backend BACKEND]\n"
    "       sennit device set DEVICE [--down OPTIONS] [--up OPTIONS] [--for DURATION] [--backend BACKEND]\n"
    "       sennit device clear DEVICE | clear --all\n"
    "       sennit device play FILE | stop\n"
    "Makes the traffic of a device worse on purpose. DEVICE is a configured name, an inner address, a\n"
    "network, a MAC address in the LAN of a client or shaper, or `default` for everybody else. OPTIONS are\n"
    "as in 'rate=780kbit delay=100ms loss=1%'.\n\n"
    "  list, show       what is set, and what was achieved\n"
    "  set              replace the directions that are named, both with a profile\n"
    "  clear            impair it no more\n"
    "  play, stop       a timeline of settings (sennit.toml(5)); stop leaves what is set\n"
    "  --down, --up     towards the device; from it\n"
    "  --profile NAME   both directions of a profile (`sennit profile list`)\n"
    "  --for DURATION   only so long: 90s, 5m, 4h; then as before again\n"
    "  --backend NAME   who impairs it from now on: tunnel, or tc (a gateway with --shaping tc has both)\n"
    "  --json           list or show as JSON\n"
    "  --control PATH   the endpoint's control socket [/run/sennit/control.sock]\n"
    "  -h, --help       this text\n\n"
    "Keys of OPTIONS: rate burst peak trace overhead queue aqm ecn delay jitter distribution\n"
    "delay-correlation loss loss-correlation loss-burst loss-model corrupt corrupt-correlation\n"
    "corrupt-mode duplicate duplicate-correlation reorder reorder-correlation reorder-gap outage slot\n"
    "order seed; sennit.toml(5) explains them.\n";

constexpr std::string_view kFilterHelp =
    "Usage: sennit filter list [--json]\n"
    "       sennit filter add [KEY=VALUE...] action=drop|allow|count\n"
    "       sennit filter add [KEY=VALUE...] action=duplicate to=DEVICE|FILE.pcapng\n"
    "       sennit filter delete NUMBER | clear\n"
    "Filters the packets of devices, before they are impaired. Packets meet the filters in their order;\n"
    "drop and allow end a packet's way through them, count and duplicate do not.\n\n"
    "  list             every filter with its number and what it has matched\n"
    "  add              a filter behind the others, kept over a restart; prints its number\n"
    "  delete, clear    one filter, or all of them; those of the configuration until the next start\n"
    "  --json           list as JSON\n"
    "  --control PATH   the endpoint's control socket [/run/sennit/control.sock]\n"
    "  -h, --help       this text\n\n"
    "KEY=VALUE: device=DEVICE (a name, or as `sennit device list` shows it) [all packets],\n"
    "direction=down|up [both], protocol=tcp|udp|icmp|sctp|N, port=N|N-N and address=ADDRESS|NETWORK\n"
    "(of either end), dscp=NAME|N. A list is divided by commas: port=53,5000-5100.\n"
    "Duplicates to a device are impaired as its packets are, and go where the original goes.\n";

constexpr std::string_view kProfileHelp =
    "Usage: sennit profile list [--json] | show NAME [--json] [--control PATH]\n"
    "Shows the profiles of the running endpoint, its own and the stock ones. Without an endpoint and\n"
    "without --control: the stock ones.\n\n"
    "  --json           as JSON\n"
    "  --control PATH   the endpoint's control socket [/run/sennit/control.sock]\n"
    "  -h, --help       this text\n";

constexpr std::string_view kDoctorHelp =
    "Usage: sennit doctor [--json]\n"
    "Tells what this machine can and cannot do for sennit (TUN, capabilities, the cipher, nftables,\n"
    "sysctls, offloads, the kinds of tc that shaping needs), and the remedy.\n\n"
    "  --json           one JSON object\n"
    "  -h, --help       this text\n";

struct CommandHelp {
  std::string_view command;
  std::string_view text;
};
constexpr std::array kHelps{CommandHelp{"keygen", kKeygenHelp},   CommandHelp{"pubkey", kPubkeyHelp},
                            CommandHelp{"check", kCheckHelp},     CommandHelp{"status", kStatusHelp},
                            CommandHelp{"link", kLinkHelp},       CommandHelp{"device", kDeviceHelp},
                            CommandHelp{"capture", kCaptureHelp}, CommandHelp{"profile", kProfileHelp},
                            CommandHelp{"filter", kFilterHelp},   CommandHelp{"doctor", kDoctorHelp}};

}  // namespace

std::string program_help() {
  return "sennit " SENNIT_VERSION
         ": braids several access lines into one encrypted tunnel\n\n"
         "Usage: sennit COMMAND [options]\n\n"
         "  keygen    make a private key\n"
         "  pubkey    print the public key of a private key\n"
         "  gateway   run the gateway: the end with a fixed address\n"
         "  client    run the client: the end with several access lines\n"
         "  shaper    run a router that impairs the traffic of devices, without a tunnel\n"
         "  check     validate a configuration file\n"
         "  status    show what a running endpoint carries\n"
         "  link      list or change the links of a running client\n"
         "  device    list or change what is done to the traffic of devices\n"
         "  capture   write the packets of a device to a file\n"
         "  filter    drop, allow, count or duplicate packets of devices\n"
         "  profile   show the named impairments\n"
         "  doctor    tell what this machine can do\n\n"
         "`sennit COMMAND --help` tells more, as do the manual pages sennit(1) and sennit.toml(5);\n"
         "`sennit --version` prints the version.\n"
         "Exit status: 0 done; 1 failed while running; 2 wrong usage or configuration; 3 no endpoint.\n";
}

std::string command_help(std::string_view command) {
  if (command == "gateway") return gateway_help();
  if (command == "client") return client_help();
  if (command == "shaper") return shaper_help();
  for (const auto& help : kHelps) {
    if (help.command == command) return std::string(help.text);
  }
  return program_help();
}

}  // namespace sennit::config
