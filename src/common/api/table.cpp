#include "api/table.hpp"

#include <array>

#include "api/aligned.hpp"

namespace sennit::api {

namespace {

std::string milliseconds_text(std::optional<base::Duration> duration) {
  return duration ? decimal(base::to_milliseconds(*duration), 1) + " ms" : "-";
}

std::string rates_text(const TrafficStatus& traffic) {
  return rate_text(traffic.rate) + " / " + rate_text(traffic.rate_mean) + " / " + rate_text(traffic.rate_max);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string capacity_text(base::BitRate capacity, const std::string& cause) {
  return rate_text(capacity) + (cause == "none" ? "" : " " + cause);
}

Row path_row(const PathStatus& path) {
  return {std::to_string(path.id.value),
          path.link,
          path.interface,
          std::string(to_string(path.state)),
          std::to_string(path.mtu.value),
          milliseconds_text(path.rtt),
          decimal(path.loss * 100, 1) + "%",
          rates_text(path.tx),
          capacity_text(path.capacity_tx, path.cause_tx),
          rates_text(path.rx),
          capacity_text(path.capacity_rx, path.cause_rx),
          path.remote};
}

std::string paths_table(const PeerStatus& peer) {
  std::vector<Row> rows{{"path", "link", "interface", "state", "mtu", "rtt", "loss",
                         "tx bit/s now / mean / max", "capacity", "rx bit/s now / mean / max", "capacity",
                         "remote"}};
  for (const auto& path : peer.paths) rows.push_back(path_row(path));
  rows.push_back(
      {"all", "", "", peer.state, "", "", "", rates_text(peer.tx), "", rates_text(peer.rx), "", ""});
  return aligned(rows, "  ");
}

std::string peer_text(const PeerStatus& peer) {
  std::string text = "peer " + peer.name + ": " + peer.state;
  if (peer.handshake_age) text += ", handshake " + age_text(*peer.handshake_age) + " ago";
  if (!peer.cipher.empty()) text += ", " + peer.cipher;
  if (!peer.addresses.empty()) text += ", " + joined(peer.addresses);
  text += "\n" + paths_table(peer);
  text += "  queue: " + std::to_string(peer.queue.packets) + " packets, " +
          milliseconds_text(peer.queue.delay) + ", " + std::to_string(peer.queue.drops) + " dropped, " +
          std::to_string(peer.queue.marks) + " marked\n";
  const auto& reorder = peer.reorder;
  return text + "  reorder: " + std::to_string(reorder.held) + " held, " + std::to_string(reorder.late) +
         " late, " + std::to_string(reorder.lost) + " lost, " + std::to_string(reorder.recovered) +
         " recovered, " + std::to_string(reorder.duplicates) + " duplicates\n";
}

std::string devices_text(const Status& status) {
  if (status.devices.empty()) return {};
  std::string text = "devices:";
  for (const auto& device : status.devices) text += " " + device.name;
  return text + "; `sennit device list` tells more\n";
}

std::string filters_text(const Status& status) {
  return status.filters.empty() ? std::string() : to_table(status.filters);
}

std::string drops_text(const Status& status) {
  std::string text;
  for (const auto& [reason, count] : status.drops) {
    if (count > 0) text += (text.empty() ? "drops: " : ", ") + reason + " " + std::to_string(count);
  }
  return text.empty() ? text : text + "\n";
}

std::string rate_or_auto(const std::optional<base::BitRate>& rate) {
  return rate ? rate_text(*rate) + "bit/s" : "auto";
}

std::string quota_text(const LinkStatus& link) {
  if (!link.quota) return "none";
  constexpr double kMegabyte = 1e6;
  const auto megabytes = [](base::Bytes bytes) {
    return decimal(static_cast<double>(bytes.value) / kMegabyte, 0);
  };
  return megabytes(link.quota_used.value_or(base::Bytes{})) + " of " + megabytes(*link.quota) + " MB";
}

std::string offload_text(const OffloadStatus& offload) {
  return "offload: tun " + offload.tun + ", udp send " + offload.udp_send + ", udp receive " +
         offload.udp_receive + "\n";
}

std::string running_text(const Status& status) {
  return "running for " + age_text(status.uptime) + ", sennit " + status.version + "\n";
}

std::string tunnel_text(const Status& status) {
  const auto& tunnel = status.tunnel;
  return status.role + " " + tunnel.name + ": " +
         (tunnel.addresses.empty() ? "no address yet" : joined(tunnel.addresses)) + ", mtu " +
         std::to_string(tunnel.mtu.value) + ", mode " + tunnel.mode + ", " + running_text(status) +
         offload_text(tunnel.offload);
}

}  // namespace

std::string rate_text(base::BitRate rate) {
  constexpr std::array<std::string_view, 5> kUnits{"", "k", "M", "G", "T"};
  constexpr double kRoundsToNextUnit = 999.5;
  double value = static_cast<double>(rate.bits_per_second);
  std::size_t unit = 0;
  for (; value >= kRoundsToNextUnit && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return decimal(value, digits) + std::string(kUnits[unit]);
}

std::string age_text(base::Duration age) {
  using std::chrono::seconds;
  const auto total = std::chrono::duration_cast<seconds>(age).count();
  const auto two_digits = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (total < 60) return std::to_string(total) + " s";
  if (total < 3600) return std::to_string(total / 60) + " min";
  if (total < 86400) return std::to_string(total / 3600) + " h " + two_digits(total / 60 % 60) + " min";
  return std::to_string(total / 86400) + " d " + two_digits(total / 3600 % 24) + " h";
}

std::string to_table(const Status& status) {
  // A shaper has no tunnel.
  auto text = status.tunnel.name.empty() ? status.role + ": " + running_text(status) : tunnel_text(status);
  for (const auto& peer : status.peers) text += "\n" + peer_text(peer);
  const auto rest = devices_text(status) + filters_text(status) + drops_text(status);
  return rest.empty() ? text : text + "\n" + rest;
}

namespace {

// "down rate=1mbit, up delay=20ms".
std::string impairment_text(const LinkStatus& link) {
  std::string text;
  if (link.impair_down) text += "down " + link.impair_down->options;
  if (link.impair_up) text += (text.empty() ? "up " : ", up ") + link.impair_up->options;
  return text.empty() ? "no" : text;
}

}  // namespace

std::string to_table(const std::vector<LinkStatus>& links) {
  std::vector<Row> rows{{"name", "interface", "address", "state", "sockets", "up", "down", "cost", "backup",
                         "quota", "impaired"}};
  for (const auto& link : links) {
    rows.push_back({link.name, link.interface, link.address, link.state, std::to_string(link.sockets),
                    rate_or_auto(link.up), rate_or_auto(link.down), std::to_string(link.cost),
                    link.backup ? "yes" : "no", quota_text(link), impairment_text(link)});
  }
  return aligned(rows, "");
}

}  // namespace sennit::api
