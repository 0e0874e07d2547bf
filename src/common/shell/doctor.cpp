#include "shell/doctor.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/if_tun.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "crypto/aead.hpp"
#include "io/nftables.hpp"
#include "io/sysctl.hpp"
#include "io/tun_device.hpp"
#include "shell/printing.hpp"

namespace sennit::shell {

namespace {

constexpr unsigned kCapNetAdmin = 12;
constexpr unsigned kCapNetRaw = 13;
constexpr const char* kTunDevice = "/dev/net/tun";
// What a UDP socket of ours asks for.
constexpr std::uint64_t kWantedBuffer = 7'340'032;

std::string reason(int error) {
  return std::generic_category().message(error);
}

bool has_capability(unsigned capability) {
  std::ifstream status("/proc/self/status");
  const std::string label = "CapEff:\t";
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(label)) continue;
    std::uint64_t set = 0;
    std::from_chars(line.data() + label.size(), line.data() + line.size(), set, 16);
    return (set >> capability & 1U) != 0;
  }
  return false;
}

Finding capability(const std::string& name, unsigned number, Verdict without) {
  if (has_capability(number)) return {name, Verdict::kGood, "held", {}};
  return {name, without, "not held", "run as root, or with AmbientCapabilities=" + name + " under systemd"};
}

Finding tun_device() {
  const base::FileDescriptor fd(::open(kTunDevice, O_RDWR | O_CLOEXEC));
  if (fd) return {"tun", Verdict::kGood, std::string(kTunDevice) + " opens", {}};
  return {"tun", Verdict::kMissing, std::string(kTunDevice) + ": " + reason(errno),
          "load the driver with `modprobe tun`, and let this user open the device"};
}

// What a device grants, tried in a network namespace of a thread's own, where nobody sees it; none: it cannot
// be tried.
std::optional<io::TunOffload> granted_tun_offload() {
  std::optional<io::TunOffload> granted;
  std::thread([&granted] {
    if (::unshare(CLONE_NEWNET) < 0) return;
    try {
      granted = io::TunDevice("sennit-doctor", io::TunOffload::kTcpAndUdp).offload();
    } catch (const base::Error&) {
      return;
    }
  }).join();
  return granted;
}

Finding tun_offload() {
  const std::string name = "tun-offload";
  const auto granted = granted_tun_offload();
  if (!granted) return {name, Verdict::kNote, "cannot be tried", "run `sennit doctor` as root"};
  switch (*granted) {
    case io::TunOffload::kTcpAndUdp: return {name, Verdict::kGood, "TCP and UDP superpackets", {}};
    case io::TunOffload::kTcp:
      return {name, Verdict::kNote, "TCP superpackets only", "Linux 6.2 or later has them for UDP too"};
    case io::TunOffload::kOff: break;
  }
  return {name, Verdict::kNote, "no superpackets: every packet is a system call", "use a newer kernel"};
}

Finding udp_offload(const std::string& name, int option, const std::string& what) {
  const base::FileDescriptor fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int value = option == UDP_SEGMENT ? 1200 : 1;
  const bool offers = fd && ::setsockopt(fd.get(), IPPROTO_UDP, option, &value, sizeof(value)) == 0;
  if (offers) return {name, Verdict::kGood, what + " is there", {}};
  return {name, Verdict::kNote, "no " + what, "use Linux 5.0 or later"};
}

Finding cipher() {
  if (crypto::aes256gcm_available())
    return {"aes256gcm",
            Verdict::kGood,
            "accelerated by this CPU, through " + std::string(crypto::aes256gcm_implementation()),
            {}};
  return {"aes256gcm", Verdict::kNote, "not accelerated by this CPU: ChaCha20-Poly1305 is used",
          "none is needed"};
}

Finding nftables() {
  // libnftables would say on standard error that it is refused.
  if (!has_capability(kCapNetAdmin))
    return {"nftables", Verdict::kNote, "cannot be tried", "run `sennit doctor` as root"};
  const auto refusal = io::run_nftables("list tables\n");
  if (refusal.empty()) return {"nftables", Verdict::kGood, "answers", {}};
  return {"nftables", Verdict::kNote, refusal,
          "needed for --masquerade only: run as root on a kernel with nf_tables"};
}

Finding forwarding(const std::string& name, const std::string& key) {
  const auto value = io::read_sysctl(key);
  if (!value)
    return {name, Verdict::kNote, "/proc/sys/" + key + " cannot be read", "enable this family in the kernel"};
  return {name, Verdict::kGood, *value == "0" ? "off; sennit switches it on where it is needed" : "on", {}};
}

Finding reverse_path_filter() {
  std::string strict;
  const auto of = [](const std::string& interface) {
    return io::read_sysctl(io::interface_sysctl(base::Family::kV4, interface, "rp_filter")).value_or("0");
  };
  const auto all = of("all");
  for (const auto& interface : io::sysctl_interfaces(base::Family::kV4)) {
    if (interface == "all" || interface == "default" || interface == "lo") continue;
    if (std::max(all, of(interface)) == "1") strict += " " + interface;
  }
  if (strict.empty()) return {"rp_filter", Verdict::kGood, "off or loose", {}};
  return {"rp_filter",
          Verdict::kGood,
          "strict on" + strict + "; sennit loosens it on its links while it runs",
          {}};
}

Finding socket_buffer(const std::string& key) {
  const auto text = io::read_sysctl("net/core/" + key).value_or("0");
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  const auto found = text + " bytes";
  if (value >= kWantedBuffer || has_capability(kCapNetAdmin)) return {key, Verdict::kGood, found, {}};
  return {key, Verdict::kNote, found, "sysctl -w net.core." + key + "=" + std::to_string(kWantedBuffer)};
}

Finding control_group() {
  if (::getgrnam("sennit") != nullptr)
    return {"group", Verdict::kGood, "members of `sennit` may ask for status", {}};
  return {"group", Verdict::kNote, "there is no group `sennit`: only root may ask for status",
          "groupadd --system sennit"};
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood: return "good";
    case Verdict::kNote: return "note";
    case Verdict::kMissing: return "missing";
  }
  return "missing";
}

}  // namespace

std::vector<Finding> examine_machine() {
  return {tun_device(),
          capability("CAP_NET_ADMIN", kCapNetAdmin, Verdict::kMissing),
          capability("CAP_NET_RAW", kCapNetRaw, Verdict::kNote),
          cipher(),
          nftables(),
          forwarding("forwarding-v4", "net/ipv4/ip_forward"),
          forwarding("forwarding-v6", "net/ipv6/conf/all/forwarding"),
          reverse_path_filter(),
          socket_buffer("rmem_max"),
          socket_buffer("wmem_max"),
          tun_offload(),
          udp_offload("udp-gso", UDP_SEGMENT, "UDP segmentation offload"),
          udp_offload("udp-gro", UDP_GRO, "UDP receive offload"),
          control_group()};
}

std::string findings_text(const std::vector<Finding>& findings) {
  constexpr std::size_t kNameWidth = 16;
  constexpr std::size_t kVerdictWidth = 9;
  std::string text;
  for (const auto& finding : findings) {
    std::string line = finding.name;
    line.resize(std::max(kNameWidth, line.size() + 1), ' ');
    line += name_of(finding.verdict);
    line.resize(std::max(kNameWidth + kVerdictWidth, line.size() + 1), ' ');
    text += line + finding.found + (finding.remedy.empty() ? "" : "; remedy: " + finding.remedy) + "\n";
  }
  return text;
}

std::string findings_json(const std::vector<Finding>& findings) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& finding : findings) {
    list.push_back({{"name", finding.name},
                    {"verdict", name_of(finding.verdict)},
                    {"found", finding.found},
                    {"remedy", finding.remedy}});
  }
  return nlohmann::json{{"findings", list}}.dump(2) + "\n";
}

int run_command(const config::DoctorCommand& command, const std::vector<Finding>& further) {
  auto findings = examine_machine();
  findings.insert(findings.end(), further.begin(), further.end());
  print(command.json ? findings_json(findings) : findings_text(findings));
  return std::ranges::find(findings, Verdict::kMissing, &Finding::verdict) == findings.end() ? 0 : 1;
}

}  // namespace sennit::shell
