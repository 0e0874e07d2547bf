// What a call of the endpoint produces: datagrams, inner packets, events, strays, drop counts. Stages append,
// the shell takes; inner packets of impaired devices wait in between. Invariant: packets handed to the TUN
// side stay valid until clear_inbound().
#pragma once

#include <deque>
#include <vector>

#include "base/drop.hpp"
#include "base/packet.hpp"
#include "device/table.hpp"
#include "inbound/coalesce.hpp"
#include "outbound/buffer_pool.hpp"
#include "outbound/transmit_queue.hpp"
#include "tunnel/event.hpp"
#include "tunnel/share.hpp"

namespace sennit::tunnel {

class Outputs {
 public:
  explicit Outputs(inbound::Coalescing coalescing, device::Side devices_side = device::Side::kBeyond,
                   std::uint64_t seed = 0)
      : devices(devices_side, seed, drops), inbound_(coalescing) {}
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;

  outbound::TransmitQueue transmit;
  outbound::BufferPool buffers;  // of what waits, and of what was sent and may have to be sent again
  base::DropCounters drops;
  std::deque<Event> events;
  std::vector<Stray> strays;  // of this call
  device::Table devices;

  // Passes on a packet that lies in a buffer of the caller's, and may be rewritten there; `ip` was parsed
  // from it. That of an impaired device goes on when its time has come, and one that a filter drops does not.
  void deliver(const base::InnerPacket& packet, const wire::IpPacket& ip, base::Instant now) {
    if (devices.has_filters() && filter(packet, ip, now) == device::Verdict::kDrop) return;
    if (const auto lane = devices.lane_of(device::Way::kIn, ip)) return devices.push(*lane, packet, ip, now);
    pass(packet, ip);
  }
  // The same past all impairment.
  void pass(const base::InnerPacket& packet, const wire::IpPacket& ip) { inbound_.add(packet, ip); }
  // A copy that lives as long as what is delivered.
  base::ByteSpan keep(base::ConstByteSpan packet) {
    return copies_.emplace_back(packet.begin(), packet.end());
  }
  // All that was delivered since clear_inbound(), joined where that goes.
  std::span<const base::InboundPacket> inbound() { return inbound_.finish(); }
  void clear_inbound() {
    inbound_.clear();
    strays.clear();
    copies_.clear();
    devices.recycle();
  }

 private:
  device::Verdict filter(const base::InnerPacket& packet, const wire::IpPacket& ip, base::Instant now) {
    const auto judgement = devices.judge(device::Way::kIn, ip, {1, {packet.bytes.size()}});
    devices.copy(judgement.copied, device::Way::kIn, packet, ip, now);
    return judgement.verdict;
  }

  inbound::Coalescer inbound_;
  std::deque<std::vector<std::uint8_t>> copies_;  // a deque does not move what it holds
};

}  // namespace sennit::tunnel
