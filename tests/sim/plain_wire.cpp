#include "sim/plain_wire.hpp"

#include <utility>

namespace sennit::sim {

void PlainWire::End::send_inner(std::vector<Bytes> packets) {
  for (auto& packet : packets) {
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
