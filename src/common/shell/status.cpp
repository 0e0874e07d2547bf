#include "shell/status.hpp"

#include <algorithm>

#include "base/drop.hpp"

namespace sennit::shell {

namespace {

api::PathState state_of(link::PathState state) {
  switch (state) {
    case link::PathState::kConnecting: return api::PathState::kConnecting;
    case link::PathState::kUp: return api::PathState::kUp;
    case link::PathState::kLossy: return api::PathState::kLossy;
    case link::PathState::kDown: return api::PathState::kDown;
    case link::PathState::kBackup: return api::PathState::kBackup;
  }
  return api::PathState::kDown;
}

api::TrafficStatus traffic_of(const tunnel::TrafficReport& report) {
  return {report.packets, report.bytes, report.rate, report.rate_mean, report.rate_max};
}

// What was measured counts before what was told, since a line may carry less; what is remembered is better
// than nothing.
void add_capacities(api::PathStatus& path, const tunnel::PathReport& report, const KnownRates& known) {
  const auto first_known = [](auto... rates) {
    base::BitRate first;
    ((first = first == base::BitRate{} ? rates : first), ...);
    return first;
  };
  path.capacity_tx_max = std::max({report.capacity_tx, report.highest_tx, known.remembered.tx});
  path.capacity_rx_max = std::max({report.capacity_rx, report.highest_rx, known.remembered.rx});
  path.capacity_tx = first_known(report.capacity_tx, report.told_tx, path.capacity_tx_max);
  path.capacity_rx = first_known(report.capacity_rx, known.told_rx, path.capacity_rx_max);
  path.saturated_tx = report.saturation_tx != link::Limit::kNone;
  path.saturated_rx = report.is_saturated_rx;
  path.cause_tx = link::to_string(report.cause_tx);
  path.cause_rx = link::to_string(report.cause_rx);
}

api::PathStatus path_of(const tunnel::PathReport& report, const PathPlace& place, const KnownRates& known) {
  api::PathStatus path;
  path.id = report.id;
  path.link = report.link;
  path.interface = place.interface;
  if (place.local.address.family() != base::Family::kNone) path.local = place.local.to_string();
  if (report.route) path.remote = report.route->remote.to_string();
  path.state = state_of(report.state);
  path.mtu = {report.mtu.value};
  path.rtt = report.rtt;
  path.rtt_min = report.rtt_min;
  if (report.rtt) {
    path.tx_queue_delay = report.tx_queue_delay;
    path.rx_queue_delay = report.rx_queue_delay;
  }
  path.loss = report.loss;
  path.tx = traffic_of(report.tx);
  path.rx = traffic_of(report.rx);
  add_capacities(path, report, known);
  return path;
}

api::PeerStatus peer_of(const tunnel::PeerReport& report, const Surroundings& surroundings) {
  api::PeerStatus peer;
  peer.name = report.name;
  peer.state = tunnel::to_string(report.state);
  peer.handshake_age = report.handshake_age;
  if (report.cipher) peer.cipher = crypto::to_string(*report.cipher);
  for (const auto& prefix : report.addresses) peer.addresses.push_back(prefix.address().to_string());
  peer.tx = traffic_of(report.tx);
  peer.rx = traffic_of(report.rx);
  peer.queue = {report.queue.packets, report.queue.bytes, report.queue.delay,
                report.queue.drops,   report.queue.marks, report.queue.superseded};
  peer.reorder = {.held = report.reordering.held,
                  .late = report.reordering.late,
                  .lost = report.reordering.lost,
                  .recovered = report.reordering.recovered,
                  .duplicates = report.duplicates};
  for (const auto& path : report.paths) {
    const auto known = surroundings.rates_of ? surroundings.rates_of(report.name, path) : KnownRates{};
    peer.paths.push_back(path_of(path, surroundings.place_of(path), known));
  }
  return peer;
}

std::map<std::string, std::uint64_t> drops_of(const base::DropCounters& drops) {
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t i = 0; i < static_cast<std::size_t>(base::DropReason::kCount); ++i) {
    const auto reason = static_cast<base::DropReason>(i);
    if (drops[reason] > 0) counts.emplace(base::to_string(reason), drops[reason]);
  }
  return counts;
}

}  // namespace

api::Status status_of(const tunnel::EndpointReport& report, const Surroundings& surroundings) {
  api::Status status;
  status.role = surroundings.role == tunnel::Role::kClient ? "client" : "gateway";
  status.version = SENNIT_VERSION;
  status.uptime = surroundings.uptime;
  status.tunnel.name = surroundings.tunnel_name;
  status.tunnel.mtu = {report.mtu.value};
  for (const auto& address : report.addresses) status.tunnel.addresses.push_back(address.to_string());
  status.tunnel.mode = config::to_string(surroundings.mode);
  status.tunnel.offload = surroundings.offload;
  for (const auto& peer : report.peers) status.peers.push_back(peer_of(peer, surroundings));
  status.drops = drops_of(report.drops);
  return status;
}

}  // namespace sennit::shell
