// The devices whose traffic is made worse, and their packets on the way: who is impaired, a chain a direction
// (impair/chain.hpp), the bytes that wait, and when the next packet comes out.
// Stands beside the data path of an endpoint, between its two ends: lane_of() says whether a packet is
// impaired, push() takes a copy of it, release() gives what has come through. Knows neither peers nor TUN.
// Invariant: the cost of a packet does not depend on how many devices there are; a change drops nothing, and
// a removed device's packets still come out in order. Reasons: docs/impairment.md, "Devices".
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "base/device_match.hpp"
#include "base/drop.hpp"
#include "base/packet.hpp"
#include "base/time.hpp"
#include "device/capture.hpp"
#include "device/classifier.hpp"
#include "device/direction.hpp"
#include "device/filters.hpp"
#include "device/packet_store.hpp"
#include "impair/chain.hpp"
#include "wire/ip.hpp"

namespace sennit::device {

// Where the devices are, as seen from this endpoint.
enum class Side : std::uint8_t {
  kBeyond,  // at the other end of the tunnel: a gateway's devices
  kHere,    // at this end: a client's
};

// Which way a packet goes through this endpoint.
enum class Way : std::uint8_t {
  kOut,  // from the TUN device into the tunnel
  kIn,   // from the tunnel to the TUN device
};

// One direction of one device.
using LaneId = base::Identifier<struct LaneTag, std::uint32_t>;

// A packet that has come through. Its bytes have base::kHeadroom in front and stay until recycle().
struct Released {
  Way way = Way::kOut;
  base::InnerPacket packet;
  wire::IpPacket ip;  // of the packet as it is now
};

// What one direction has done since its settings were made.
struct LaneReport {
  impair::Achieved achieved;
  impair::Packets queued;
  base::Bytes queued_bytes;
};

struct DeviceReport {
  base::DeviceMatch match;
  std::array<std::optional<LaneReport>, 2> lanes;  // by Direction; none: not impaired
  std::vector<base::Prefix> addresses = {};        // that are its own now
};

class Table {
 public:
  // What is dropped is counted in `drops`, which outlives the table.
  Table(Side side, std::uint64_t seed, base::DropCounters& drops);

  // Makes a device, unimpaired while it is new, or gives one other addresses.
  void add(const base::DeviceAddresses& device);
  // The impairment of one direction of a device that add() made known; none: no more. Counts begin anew.
  void impair(const base::DeviceMatch& match, Direction direction,
              const std::optional<impair::Settings>& settings, base::Instant now);
  // Forgets the device; what is on its way still comes out.
  void remove(const base::DeviceMatch& match, base::Instant now);

  // Keeps copies of the packets of a known device from now on, impaired or not; anew if it does already.
  void start_capture(const base::DeviceMatch& match, base::Instant now);
  // What was seen since the last time; none: the device is not captured.
  std::optional<Captured> take_captured(const base::DeviceMatch& match);
  void stop_capture(const base::DeviceMatch& match, base::Instant now);

  // Puts a filter behind the others. The devices that it names are known, and stay so as long as it is there.
  void add_filter(FilterId id, const Filter& filter, base::Instant now);
  void remove_filter(FilterId id, base::Instant now);
  // What a recording filter kept since the last time.
  Captured take_recorded(FilterId id) { return filters_.take_recorded(id); }
  std::vector<FilterReport> report_filters() const { return filters_.report(); }

  // Whether packets have to be judged at all.
  bool has_filters() const { return !filters_.empty(); }
  // What the filters say of a packet, or superpacket, that goes this way.
  Judgement judge(Way way, const wire::IpPacket& ip, const Amount& amount);
  // Makes the copies of a packet, not of a superpacket, that the judgement asks for.
  void copy(std::span<const FilterId> filters, Way way, const base::InnerPacket& packet,
            const wire::IpPacket& ip, base::Instant now);

  // Where a packet that goes this way is impaired or captured; none: nowhere.
  std::optional<LaneId> lane_of(Way way, const wire::IpPacket& ip) const {
    return is_idle() ? std::nullopt : find_lane(way, ip);
  }
  // Takes a copy of a packet, not of a superpacket; `ip` was parsed from it or from its superpacket.
  void push(LaneId lane, const base::InnerPacket& packet, const wire::IpPacket& ip, base::Instant now);
  // The next packet that has come through by `now`; ask until there is none.
  std::optional<Released> release(base::Instant now);
  // When release() may have something again.
  base::Instant next_wakeup() const;
  // The bytes of what release() gave are no longer needed.
  void recycle();

  std::vector<DeviceReport> report() const;
  // No device, and nothing of an earlier one on its way.
  bool is_idle() const { return ids_.empty(); }

 private:
  struct Lane {
    std::unique_ptr<impair::Chain> chain;
    base::Instant armed = base::kNever;  // the time of its live entry in wakes_; others are stale
    bool is_ending = false;              // the chain goes when it is empty
    bool is_passive = false;  // the chain impairs nothing: it is there for a capture, or for copies
  };
  struct Device {
    std::optional<base::DeviceMatch> match;  // none: nobody's place
    std::vector<base::Prefix> addresses;
    std::array<Lane, 2> lanes;
    bool is_leaving = false;
    std::unique_ptr<Capture> capture;  // none: nobody looks
  };
  struct Wake {
    base::Instant at;
    LaneId lane;
    bool operator>(const Wake& other) const { return at > other.at; }
  };

  Direction direction_of(Way way) const;
  std::optional<DeviceId> device_of(Way way, const wire::IpPacket& ip) const;
  std::optional<LaneId> find_lane(Way way, const wire::IpPacket& ip) const;
  std::optional<DeviceId> find(const std::optional<base::DeviceMatch>& match) const;
  bool needs_passive_lanes(DeviceId id) const;
  void open_passive_lanes(DeviceId id, base::Instant now);
  void close_passive_lanes(DeviceId id, base::Instant now);
  Lane& lane(LaneId id) { return devices_[id.value / 2].lanes[id.value % 2]; }
  DeviceId acquire(const base::DeviceMatch& match);
  std::optional<DeviceId> find(const base::DeviceMatch& match) const;
  void take_addresses(DeviceId id);
  impair::Seed seed_of(const base::DeviceMatch& match, Direction direction) const;
  void end(LaneId id, base::Instant now);
  void capture(LaneId id, Point point, base::ConstByteSpan packet, base::Instant now);
  void settle(LaneId id, base::Instant now);
  void forget_if_empty(DeviceId id);
  void arm(LaneId id, base::Instant at);
  std::optional<Released> finish(const impair::Emission& emission, LaneId lane);
  Way way_of(LaneId lane) const;

  Side side_;
  std::uint64_t seed_;
  base::DropCounters& drops_;
  Classifier classifier_;
  Filters filters_;
  impair::PacketPool pool_;  // outlives the chains
  PacketStore store_;
  std::vector<Device> devices_;
  std::map<base::DeviceMatch, DeviceId> ids_;
  std::vector<DeviceId> free_;
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  base::Instant released_at_ = base::Instant::min();
  std::vector<impair::BufferId> lent_;
};

}  // namespace sennit::device
