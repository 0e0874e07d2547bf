// What a call of the endpoint produces: datagrams, inner packets, events, drop counts. Stages append, the
// shell takes. Invariant: packets handed to the TUN side stay valid until clear_inbound().
#pragma once

#include <deque>
#include <vector>

#include "base/drop.hpp"
#include "base/packet.hpp"
#include "outbound/transmit_queue.hpp"
#include "tunnel/event.hpp"

namespace sennit::tunnel {

class Outputs {
 public:
  outbound::TransmitQueue transmit;
  base::DropCounters drops;
  std::deque<Event> events;

  // Passes on a packet that lies in a buffer of the caller's.
  void deliver(base::ConstByteSpan packet) { inbound_.push_back({packet}); }
  // A copy that lives as long as what is delivered.
  base::ByteSpan keep(base::ConstByteSpan packet) {
    return copies_.emplace_back(packet.begin(), packet.end());
  }
  std::span<const base::InboundPacket> inbound() const { return inbound_; }
  void clear_inbound() {
    inbound_.clear();
    copies_.clear();
  }

 private:
  std::vector<base::InboundPacket> inbound_;
  std::deque<std::vector<std::uint8_t>> copies_;  // a deque does not move what it holds
};

}  // namespace sennit::tunnel
