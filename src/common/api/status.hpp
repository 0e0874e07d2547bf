// What a running endpoint tells about itself, as plain values: the object of `sennit status --json`.
// Filled by client and server, carried over the control socket as JSON, printed by `sennit status`.
// Measures nothing. A quantity that is not known yet is absent here and null in JSON.
// The keys and their units are promised to users in the man page sennit(1).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/devices.hpp"
#include "base/time.hpp"
#include "base/traffic.hpp"
#include "base/units.hpp"

namespace sennit::api {

// One direction of a path or a peer.
struct TrafficStatus {
  std::uint64_t packets = 0;
  base::Bytes bytes;
  base::BitRate rate;       // of the last second
  base::BitRate rate_mean;  // over the last ten seconds
  base::BitRate rate_max;   // highest second of the last ten
  auto operator<=>(const TrafficStatus&) const = default;
};

// What a counter says now.
TrafficStatus traffic_status(const base::TrafficCounter& counter, base::Instant now);

// Inner packets that wait for a path.
struct QueueStatus {
  std::uint64_t packets = 0;
  base::Bytes bytes;
  base::Duration delay{};
  std::uint64_t drops = 0;
  std::uint64_t marks = 0;
  std::uint64_t superseded = 0;  // acknowledgements, by newer ones
  auto operator<=>(const QueueStatus&) const = default;
};

// Inner packets that came out of order.
struct ReorderStatus {
  std::uint64_t held = 0;
  std::uint64_t late = 0;
  std::uint64_t lost = 0;
  std::uint64_t recovered = 0;
  std::uint64_t duplicates = 0;
  auto operator<=>(const ReorderStatus&) const = default;
};

enum class PathState : std::uint8_t {
  kConnecting,  // no echo came yet
  kUp,
  kLossy,   // up, and losing more than it should
  kDown,    // probes are unanswered
  kBackup,  // up, and kept for when the others are down
};

// "connecting", "up", "lossy", "down" or "backup".
std::string_view to_string(PathState state);

struct PathStatus {
  base::PathId id;
  std::string link;
  std::string interface;
  std::string local;
  std::string remote;
  PathState state = PathState::kConnecting;
  base::Bytes mtu;
  std::optional<base::Duration> rtt;
  std::optional<base::Duration> rtt_min;
  std::optional<base::Duration> tx_queue_delay;
  std::optional<base::Duration> rx_queue_delay;
  double loss = 0;  // 0 to 1
  TrafficStatus tx;
  TrafficStatus rx;
  base::BitRate capacity_tx;  // measured, else told, else the highest remembered; zero: not known
  base::BitRate capacity_rx;
  base::BitRate capacity_tx_max;  // the highest measured, in earlier runs too
  base::BitRate capacity_rx_max;
  bool saturated_tx = false;
  bool saturated_rx = false;
  std::string cause_tx = "none";  // "none", "queue", "policer", "told", "lossy" or "silent"
  std::string cause_rx = "none";
  bool operator==(const PathStatus&) const = default;
};

struct PeerStatus {
  std::string name;
  std::string state = "connecting";  // "connecting", "up" or "down"
  std::optional<base::Duration> handshake_age;
  std::string cipher;  // "aes256gcm" or "chacha20poly1305"; empty without a session
  std::vector<std::string> addresses;
  TrafficStatus tx;
  TrafficStatus rx;
  QueueStatus queue;
  ReorderStatus reorder;
  std::vector<PathStatus> paths;
  bool operator==(const PeerStatus&) const = default;
};

// An access line of a client as it is configured and found.
struct LinkStatus {
  std::string name;
  std::string interface;
  std::string address;
  std::string state;  // "up", "down" by hand, or "absent"
  std::uint32_t sockets = 1;
  std::optional<base::BitRate> up;    // none: measured
  std::optional<base::BitRate> down;  // none: measured
  std::uint32_t cost = 0;
  bool backup = false;
  std::optional<base::Bytes> quota;            // a month; none: it is not metered
  std::optional<base::Bytes> quota_used;       // of the present one
  std::optional<DirectionStatus> impair_down;  // none: not impaired
  std::optional<DirectionStatus> impair_up;
  bool operator==(const LinkStatus&) const = default;
};

// Segmentation offloads in use.
struct OffloadStatus {
  std::string tun = "off";       // "off", "tcp" or "tcp+udp"
  std::string udp_send = "off";  // "off", "some" (of the sockets) or "on"
  std::string udp_receive = "off";
  bool operator==(const OffloadStatus&) const = default;
};

struct TunnelStatus {
  std::string name;
  base::Bytes mtu;
  std::vector<std::string> addresses;
  std::string mode;
  OffloadStatus offload;
  bool operator==(const TunnelStatus&) const = default;
};

struct Status {
  std::string role;  // "gateway", "client" or "shaper", which has devices alone
  std::string version;
  base::Duration uptime{};
  TunnelStatus tunnel;
  std::vector<PeerStatus> peers;
  std::vector<LinkStatus> links;  // of a client
  std::vector<DeviceStatus> devices;
  std::vector<FilterStatus> filters;
  std::map<std::string, std::uint64_t> drops;
  bool operator==(const Status&) const = default;
};

// The object that `sennit status --json` prints.
nlohmann::json to_json(const Status& status);

// Reads that object back; throws Error when it is not one.
Status status_from_json(const nlohmann::json& json);

// The list that `sennit link list --json` prints.
nlohmann::json to_json(const std::vector<LinkStatus>& links);
std::vector<LinkStatus> links_from_json(const nlohmann::json& json);

}  // namespace sennit::api
