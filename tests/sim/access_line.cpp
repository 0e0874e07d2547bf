#include "sim/access_line.hpp"

namespace sennit::sim {

AccessLine::AccessLine(Network& network, const LineAddresses& addresses, Nat nat, const LinkConditions& up,
                       const LinkConditions& down)
    : network_(network),
      addresses_(addresses),
      nat_(nat),
      up_(up, network.rng()()),
      down_(down, network.rng()()) {
  connect();
}

AccessLine::~AccessLine() {
  disconnect();
}

void AccessLine::connect() {
  for (const auto& address : {addresses_.v4, addresses_.v6}) {
    network_.bind(address, [this](Datagram datagram) { deliver(std::move(datagram)); });
  }
}

void AccessLine::disconnect() {
  network_.unbind(addresses_.v4);
  network_.unbind(addresses_.v6);
}

void AccessLine::renumber(const LineAddresses& addresses) {
  disconnect();
  addresses_ = addresses;
  rebind_nat();
  connect();
}

void AccessLine::rebind_nat() {
  to_public_.clear();
  to_private_.clear();
}

void AccessLine::bind(base::Family family, std::uint16_t port, Network::Receiver receiver) {
  sockets_[{family, port}] = std::move(receiver);
}

void AccessLine::unbind(base::Family family, std::uint16_t port) {
  sockets_.erase({family, port});
}

base::IpAddress AccessLine::subscriber_address(base::Family family) const {
  if (family == base::Family::kV6) return addresses_.v6;
  return nat_ == Nat::kPresent ? base::IpAddress::v4({192, 168, 1, 2}) : addresses_.v4;
}

std::uint16_t AccessLine::public_port(std::uint16_t port) {
  const auto [mapping, is_new] = to_public_.try_emplace(port, next_public_port_);
  if (is_new) {
    to_private_[next_public_port_] = port;
    ++next_public_port_;
  }
  return mapping->second;
}

void AccessLine::send(std::uint16_t port, const base::SocketAddress& destination, Bytes bytes) {
  const auto family = destination.address.family();
  for (auto& arrival : up_.push(std::move(bytes), family, network_.now().monotonic)) {
    network_.at(arrival.time, [this, family, port, destination, datagram = std::move(arrival.datagram)] {
      const bool is_mapped = nat_ == Nat::kPresent && family == base::Family::kV4;
      const auto& address = family == base::Family::kV4 ? addresses_.v4 : addresses_.v6;
      const Datagram leaving{{address, is_mapped ? public_port(port) : port}, destination, datagram};
      if (tap_) tap_(leaving);
      network_.send(leaving);
    });
  }
}

void AccessLine::deliver(Datagram datagram) {
  const auto family = datagram.destination.address.family();
  if (nat_ == Nat::kPresent && family == base::Family::kV4) {
    const auto mapping = to_private_.find(datagram.destination.port);
    if (mapping == to_private_.end()) return;
    datagram.destination.port = mapping->second;
  }
  for (auto& arrival : down_.push(std::move(datagram.bytes), family, network_.now().monotonic)) {
    network_.at(arrival.time, [this, source = datagram.source, destination = datagram.destination,
                               bytes = std::move(arrival.datagram)] {
      arrive({source, destination, bytes});
    });
  }
}

void AccessLine::arrive(Datagram datagram) {
  if (tap_) tap_(datagram);
  const auto family = datagram.destination.address.family();
  const auto socket = sockets_.find({family, datagram.destination.port});
  if (socket == sockets_.end()) return;
  datagram.destination.address = subscriber_address(family);
  socket->second(std::move(datagram));
}

}  // namespace sennit::sim
