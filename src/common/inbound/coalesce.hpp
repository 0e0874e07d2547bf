// Consecutive packets of a TCP or UDP flow -> one superpacket, so that the kernel takes them in one write.
// Last step of inbound, behind whatever changes the order. Copies no payload: a superpacket is its first
// packet, header rewritten in place, and views of the others' payloads. Invariant: cut again as Linux cuts
// it, a superpacket gives the packets that were added, byte for byte; what would not is left alone. Packets
// of one flow keep their order. Never joins what has a wrong checksum; what has an open one stays open where
// the device takes that. Reasons: docs/performance.md, "Superpackets".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/packet.hpp"
#include "inbound/segment.hpp"
#include "wire/ip.hpp"

namespace sennit::inbound {

// What the TUN device takes as superpackets. Open checksums it takes with any of them.
enum class Coalescing : std::uint8_t {
  kOff,
  kTcp,
  kTcpAndUdp,
};

class Coalescer {
 public:
  explicit Coalescer(Coalescing what) : what_(what) {}

  // Takes an inner packet; `ip` was parsed from it, and it is exactly ip.total_length bytes long. It is kept
  // as a view and may be rewritten: its memory must stay until clear(). Its checksum is open only where
  // wire::open_checksum() has something to say.
  void add(const base::InnerPacket& packet, const wire::IpPacket& ip);
  // Everything added since clear(), superpackets finished, in the order of their first packets.
  std::span<const base::InboundPacket> finish();
  void clear();

 private:
  static constexpr std::size_t kMaxFlows = 8;
  static constexpr std::size_t kNoRun = std::numeric_limits<std::size_t>::max();

  // Who talks to whom.
  struct Flow {
    std::uint64_t endpoints = 0;  // IP version, protocol and ports; never zero
    std::array<std::uint64_t, 4> addresses = {};
    bool operator==(const Flow&) const = default;
  };

  // Packets that make one superpacket, as far as it got.
  struct Run {
    Segment first;
    std::size_t place = 0;  // of the first, in packets_
    std::size_t count = 1;
    std::size_t size = 0;       // of the superpacket
    std::size_t views_end = 0;  // of the later payloads, in views_
    bool ends_with_push = false;
    // Looked at when a second packet comes: the sums of all, and whether the first's checksums are right.
    std::optional<Segment::Sums> sums = {};
    bool first_is_valid = false;
  };

  // The run of a flow that the flow's next packet may join.
  struct OpenRun {
    Flow flow;
    std::size_t run = kNoRun;
  };

  struct LaterPayload {
    std::size_t run;
    base::ConstByteSpan bytes;
  };

  static Flow flow_of(base::ConstByteSpan packet, const wire::IpPacket& ip);
  static bool joins(const Segment& segment, Run& run);

  bool is_wanted(std::uint8_t protocol) const;
  void add_alone(const base::InnerPacket& packet, const wire::IpPacket& ip);
  void add_segment(const Segment& segment, const Flow& flow);
  void append(const Segment& segment, OpenRun& open);
  OpenRun* find(const Flow& flow);
  void close(const Flow& flow);
  void close_between(const Flow& flow);
  void lay_out_views();

  Coalescing what_;
  std::array<OpenRun, kMaxFlows> open_;
  std::size_t oldest_ = 0;  // in open_
  std::vector<base::InboundPacket> packets_;
  std::vector<Run> runs_;
  std::vector<LaterPayload> later_;         // of all runs, in the order in which they came
  std::vector<base::ConstByteSpan> views_;  // the same, those of a run together
};

}  // namespace sennit::inbound
