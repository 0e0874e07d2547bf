#include "api/status.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace sennit::api {

namespace {

using base::BitRate;
using base::Duration;
using nlohmann::json;

constexpr std::array<std::string_view, 5> kPathStates{"connecting", "up", "lossy", "down", "backup"};

// Units as the promised keys name them: bytes, bits/s, milliseconds, seconds.
json milliseconds(std::optional<Duration> duration) {
  return duration ? json(base::to_milliseconds(*duration)) : json(nullptr);
}
json seconds(std::optional<Duration> duration) {
  return duration ? json(base::to_seconds(*duration)) : json(nullptr);
}
json bits(std::optional<BitRate> rate) {
  return rate ? json(rate->bits_per_second) : json(nullptr);
}

json bytes(std::optional<base::Bytes> size) {
  return size ? json(size->value) : json(nullptr);
}

// Beyond ±10¹⁸ ns (30 years) a number is nonsense and would overflow.
Duration from_nanoseconds(double nanoseconds) {
  constexpr double kMost = 1e18;
  return Duration(std::llround(std::clamp(nanoseconds, -kMost, kMost)));
}
std::optional<Duration> duration_at(const json& object, const char* key, double unit) {
  const auto& value = object.at(key);
  if (value.is_null()) return std::nullopt;
  return from_nanoseconds(value.get<double>() * unit);
}
std::optional<Duration> milliseconds_at(const json& object, const char* key) {
  return duration_at(object, key, 1e6);
}
std::optional<Duration> seconds_at(const json& object, const char* key) {
  return duration_at(object, key, 1e9);
}
std::optional<BitRate> bits_at(const json& object, const char* key) {
  const auto& value = object.at(key);
  if (value.is_null()) return std::nullopt;
  return BitRate{value.get<std::uint64_t>()};
}
std::optional<base::Bytes> bytes_at(const json& object, const char* key) {
  const auto& value = object.at(key);
  if (value.is_null()) return std::nullopt;
  return base::Bytes{value.get<std::uint64_t>()};
}
std::uint64_t count_at(const json& object, const char* key) {
  return object.at(key).get<std::uint64_t>();
}
std::string text_at(const json& object, const char* key) {
  return object.at(key).get<std::string>();
}

json encode(const TrafficStatus& traffic) {
  return {{"packets", traffic.packets},
          {"bytes", traffic.bytes.value},
          {"rate", traffic.rate.bits_per_second},
          {"rate_mean", traffic.rate_mean.bits_per_second},
          {"rate_max", traffic.rate_max.bits_per_second}};
}
TrafficStatus decode_traffic(const json& object) {
  return {count_at(object, "packets"),
          {count_at(object, "bytes")},
          {count_at(object, "rate")},
          {count_at(object, "rate_mean")},
          {count_at(object, "rate_max")}};
}

json encode(const QueueStatus& queue) {
  return {{"packets", queue.packets}, {"bytes", queue.bytes.value}, {"delay_ms", milliseconds(queue.delay)},
          {"drops", queue.drops},     {"marks", queue.marks},       {"superseded", queue.superseded}};
}
QueueStatus decode_queue(const json& object) {
  return {count_at(object, "packets"),
          {count_at(object, "bytes")},
          milliseconds_at(object, "delay_ms").value_or(Duration{}),
          count_at(object, "drops"),
          count_at(object, "marks"),
          count_at(object, "superseded")};
}

json encode(const ReorderStatus& reorder) {
  return {{"held", reorder.held},
          {"late", reorder.late},
          {"lost", reorder.lost},
          {"recovered", reorder.recovered},
          {"duplicates", reorder.duplicates}};
}
ReorderStatus decode_reorder(const json& object) {
  return {count_at(object, "held"), count_at(object, "late"), count_at(object, "lost"),
          count_at(object, "recovered"), count_at(object, "duplicates")};
}

json encode(const PathStatus& path) {
  return {{"id", path.id.value},
          {"link", path.link},
          {"interface", path.interface},
          {"local", path.local},
          {"remote", path.remote},
          {"state", to_string(path.state)},
          {"mtu", path.mtu.value},
          {"rtt_ms", milliseconds(path.rtt)},
          {"rtt_min_ms", milliseconds(path.rtt_min)},
          {"tx_queue_delay_ms", milliseconds(path.tx_queue_delay)},
          {"rx_queue_delay_ms", milliseconds(path.rx_queue_delay)},
          {"loss", path.loss},
          {"tx", encode(path.tx)},
          {"rx", encode(path.rx)},
          {"capacity_tx", path.capacity_tx.bits_per_second},
          {"capacity_rx", path.capacity_rx.bits_per_second},
          {"capacity_tx_max", path.capacity_tx_max.bits_per_second},
          {"capacity_rx_max", path.capacity_rx_max.bits_per_second},
          {"saturated_tx", path.saturated_tx},
          {"saturated_rx", path.saturated_rx},
          {"cause_tx", path.cause_tx},
          {"cause_rx", path.cause_rx}};
}

PathState path_state(const std::string& text) {
  const auto found = std::ranges::find(kPathStates, text);
  if (found == kPathStates.end())
    throw base::Error("the endpoint's status holds the unknown path state '" + text + "'");
  return static_cast<PathState>(found - kPathStates.begin());
}

PathStatus decode_path(const json& object) {
  PathStatus path;
  path.id = {object.at("id").get<std::uint8_t>()};
  path.link = text_at(object, "link");
  path.interface = text_at(object, "interface");
  path.local = text_at(object, "local");
  path.remote = text_at(object, "remote");
  path.state = path_state(text_at(object, "state"));
  path.mtu = {count_at(object, "mtu")};
  path.rtt = milliseconds_at(object, "rtt_ms");
  path.rtt_min = milliseconds_at(object, "rtt_min_ms");
  path.tx_queue_delay = milliseconds_at(object, "tx_queue_delay_ms");
  path.rx_queue_delay = milliseconds_at(object, "rx_queue_delay_ms");
  path.loss = object.at("loss").get<double>();
  path.tx = decode_traffic(object.at("tx"));
  path.rx = decode_traffic(object.at("rx"));
  path.capacity_tx = {count_at(object, "capacity_tx")};
  path.capacity_rx = {count_at(object, "capacity_rx")};
  path.capacity_tx_max = {count_at(object, "capacity_tx_max")};
  path.capacity_rx_max = {count_at(object, "capacity_rx_max")};
  path.saturated_tx = object.at("saturated_tx").get<bool>();
  path.saturated_rx = object.at("saturated_rx").get<bool>();
  path.cause_tx = text_at(object, "cause_tx");
  path.cause_rx = text_at(object, "cause_rx");
  return path;
}

json encode(const PeerStatus& peer);
json encode(const LinkStatus& link);

template <class Items>
json encode_list(const Items& items) {
  auto list = json::array();
  for (const auto& item : items) list.push_back(encode(item));
  return list;
}

json encode(const PeerStatus& peer) {
  return {{"name", peer.name},
          {"state", peer.state},
          {"handshake_age_s", seconds(peer.handshake_age)},
          {"cipher", peer.cipher},
          {"addresses", peer.addresses},
          {"tx", encode(peer.tx)},
          {"rx", encode(peer.rx)},
          {"queue", encode(peer.queue)},
          {"reorder", encode(peer.reorder)},
          {"paths", encode_list(peer.paths)}};
}
PeerStatus decode_peer(const json& object) {
  PeerStatus peer;
  peer.name = text_at(object, "name");
  peer.state = text_at(object, "state");
  peer.handshake_age = seconds_at(object, "handshake_age_s");
  peer.cipher = text_at(object, "cipher");
  peer.addresses = object.at("addresses").get<std::vector<std::string>>();
  peer.tx = decode_traffic(object.at("tx"));
  peer.rx = decode_traffic(object.at("rx"));
  peer.queue = decode_queue(object.at("queue"));
  peer.reorder = decode_reorder(object.at("reorder"));
  for (const auto& path : object.at("paths")) peer.paths.push_back(decode_path(path));
  return peer;
}

json encode(const LinkStatus& link) {
  return {{"name", link.name},
          {"interface", link.interface},
          {"address", link.address},
          {"state", link.state},
          {"sockets", link.sockets},
          {"up", bits(link.up)},
          {"down", bits(link.down)},
          {"cost", link.cost},
          {"backup", link.backup},
          {"quota_bytes", bytes(link.quota)},
          {"quota_used_bytes", bytes(link.quota_used)},
          {"impair", {{"down", to_json(link.impair_down)}, {"up", to_json(link.impair_up)}}}};
}
LinkStatus decode_link(const json& object) {
  const auto& impair = object.at("impair");
  return {text_at(object, "name"),
          text_at(object, "interface"),
          text_at(object, "address"),
          text_at(object, "state"),
          object.at("sockets").get<std::uint32_t>(),
          bits_at(object, "up"),
          bits_at(object, "down"),
          object.at("cost").get<std::uint32_t>(),
          object.at("backup").get<bool>(),
          bytes_at(object, "quota_bytes"),
          bytes_at(object, "quota_used_bytes"),
          direction_from_json(impair.at("down")),
          direction_from_json(impair.at("up"))};
}

json encode(const OffloadStatus& offload) {
  return {{"tun", offload.tun}, {"udp_send", offload.udp_send}, {"udp_receive", offload.udp_receive}};
}
OffloadStatus decode_offload(const json& object) {
  return {text_at(object, "tun"), text_at(object, "udp_send"), text_at(object, "udp_receive")};
}

json encode(const TunnelStatus& tunnel) {
  return {{"name", tunnel.name},
          {"mtu", tunnel.mtu.value},
          {"addresses", tunnel.addresses},
          {"mode", tunnel.mode},
          {"offload", encode(tunnel.offload)}};
}
TunnelStatus decode_tunnel(const json& object) {
  return {text_at(object, "name"),
          {count_at(object, "mtu")},
          object.at("addresses").get<std::vector<std::string>>(),
          text_at(object, "mode"),
          decode_offload(object.at("offload"))};
}

// An endpoint of another version may answer what we do not understand.
template <class Decode>
auto decode_or_throw(const json& source, Decode decode) {
  try {
    return decode(source);
  } catch (const json::exception& error) {
    throw base::Error(std::string("the endpoint's answer is not understood, is it of another version? ") +
                      error.what());
  }
}

}  // namespace

std::string_view to_string(PathState state) {
  return kPathStates[static_cast<std::size_t>(state)];
}

TrafficStatus traffic_status(const base::TrafficCounter& counter, base::Instant now) {
  return {counter.packets(), counter.bytes(), counter.rate(now), counter.rate_mean(now),
          counter.rate_max(now)};
}

nlohmann::json to_json(const Status& status) {
  return {{"role", status.role},
          {"version", status.version},
          {"uptime_s", seconds(status.uptime)},
          {"tunnel", encode(status.tunnel)},
          {"peers", encode_list(status.peers)},
          {"links", encode_list(status.links)},
          {"devices", to_json(status.devices)},
          {"filters", to_json(status.filters)},
          {"drops", status.drops}};
}

Status status_from_json(const nlohmann::json& source) {
  return decode_or_throw(source, [](const json& object) {
    Status status;
    status.role = text_at(object, "role");
    status.version = text_at(object, "version");
    status.uptime = seconds_at(object, "uptime_s").value_or(Duration{});
    status.tunnel = decode_tunnel(object.at("tunnel"));
    for (const auto& peer : object.at("peers")) status.peers.push_back(decode_peer(peer));
    status.links = links_from_json(object.at("links"));
    status.devices = devices_from_json(object.at("devices"));
    status.filters = filters_from_json(object.at("filters"));
    status.drops = object.at("drops").get<std::map<std::string, std::uint64_t>>();
    return status;
  });
}

nlohmann::json to_json(const std::vector<LinkStatus>& links) {
  return encode_list(links);
}

std::vector<LinkStatus> links_from_json(const nlohmann::json& source) {
  return decode_or_throw(source, [](const json& list) {
    std::vector<LinkStatus> links;
    for (const auto& link : list) links.push_back(decode_link(link));
    return links;
  });
}

}  // namespace sennit::api
