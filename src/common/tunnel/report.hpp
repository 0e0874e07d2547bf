// A snapshot of an endpoint for status: values only, taken now and then, never on the data path.
// The shell adds what it knows (interface names, uptime) and api writes it as JSON.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/drop.hpp"
#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "crypto/aead.hpp"
#include "device/table.hpp"
#include "inbound/resequence.hpp"
#include "link/path.hpp"
#include "tunnel/share.hpp"
#include "wire/mss.hpp"

namespace sennit::tunnel {

struct TrafficReport {
  std::uint64_t packets = 0;
  base::Bytes bytes;
  base::BitRate rate;       // last complete second
  base::BitRate rate_mean;  // last ten complete seconds
  base::BitRate rate_max;   // highest of the last ten complete seconds
};

struct PathReport {
  base::PathId id;
  std::string link;
  std::optional<base::Route> route;
  link::PathState state = link::PathState::kDown;
  link::PathMtu mtu;
  std::optional<base::Duration> rtt;
  std::optional<base::Duration> rtt_min;
  base::Duration tx_queue_delay{};
  base::Duration rx_queue_delay{};
  double loss = 0;
  TrafficReport tx;
  TrafficReport rx;
  base::BitRate told_tx;      // zero: not told
  base::BitRate capacity_tx;  // zero: not known
  base::BitRate capacity_rx;
  base::BitRate highest_tx;  // the highest capacity so far
  base::BitRate highest_rx;
  link::Limit saturation_tx = link::Limit::kNone;
  bool is_saturated_rx = false;
  link::Cause cause_tx = link::Cause::kNone;
  link::Cause cause_rx = link::Cause::kNone;
};

// What waits for a path.
struct QueueReport {
  std::uint64_t packets = 0;
  base::Bytes bytes;
  base::Duration delay{};  // of the packet that left last
  std::uint64_t drops = 0;
  std::uint64_t marks = 0;
  std::uint64_t superseded = 0;  // acknowledgements, by newer ones
};

enum class PeerState : std::uint8_t {
  kConnecting,  // no session yet
  kUp,          // session and at least one path
  kDown,        // there was a session, or no path is up
};
std::string_view to_string(PeerState state);

struct PeerReport {
  base::PeerId id;
  std::string name;
  PeerState state = PeerState::kConnecting;
  std::optional<base::Duration> handshake_age;
  std::optional<crypto::Cipher> cipher;
  std::vector<base::Prefix> addresses;  // inner, of the other end
  std::vector<base::Prefix> networks;   // inner, of the other end
  wire::InnerMtu mtu;
  TrafficReport tx;
  TrafficReport rx;
  QueueReport queue;
  std::uint64_t duplicates = 0;
  std::uint64_t resent = 0;
  inbound::ResequencerCounts reordering;
  std::vector<PathReport> paths;
};

// A link that is impaired.
struct LinkImpairmentReport {
  base::LinkId link;
  std::array<std::optional<device::LaneReport>, 2> lanes;  // by device::Direction; none: not impaired
};

struct EndpointReport {
  wire::InnerMtu mtu;
  std::vector<base::Prefix> addresses;  // inner, own
  std::vector<PeerReport> peers;
  std::vector<device::DeviceReport> devices;
  std::vector<LinkImpairmentReport> impaired_links;
  base::DropCounters drops;
};

// Takes the share's peers from the report of their own endpoint, and counts its drops too.
void add_share(EndpointReport& report, EndpointReport own, const Share& share);

}  // namespace sennit::tunnel
