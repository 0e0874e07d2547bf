#include "sim/plain_wire.hpp"

#include <utility>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace sennit::sim {

// Of an IPv4 packet whose sender understands marks.
void PlainWire::End::mark(Bytes& packet) const {
  if (link_.wait(network_.now().monotonic) <= mark_above_ || (packet[1] & 3U) == 0) return;
  const auto before = wire::load_u16(packet, 0);
  const auto after = static_cast<std::uint16_t>(before | 3U);
  wire::store_u16(packet, 0, after);
  wire::store_u16(packet, 10, wire::checksum_update(wire::load_u16(packet, 10), before, after));
}

void PlainWire::End::send_inner(std::vector<Bytes> packets) {
  for (auto& packet : packets) {
    mark(packet);
    for (auto& arrival : link_.push(std::move(packet), base::Family::kV4, network_.now().monotonic)) {
      network_.at(arrival.time, [this, bytes = std::move(arrival.datagram)] { other_->hand_over(bytes); });
    }
  }
}

PlainWire::PlainWire(Network& network, const LinkConditions& there, const LinkConditions& back)
    : there_(there, network.rng()()),
      back_(back, network.rng()()),
      near_(network, there_),
      far_(network, back_) {
  near_.lead_to(far_);
  far_.lead_to(near_);
  near_.inner_v4 = base::IpAddress::v4({192, 0, 2, 1});
  far_.inner_v4 = base::IpAddress::v4({192, 0, 2, 2});
}

}  // namespace sennit::sim
