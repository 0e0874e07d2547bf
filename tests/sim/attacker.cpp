#include "sim/attacker.hpp"

#include <algorithm>
#include <iterator>

namespace sennit::sim {

Attacker::Attacker(Network& network, const base::SocketAddress& address)
    : network_(network), address_(address) {
  network_.bind(address_, [this](const Datagram& datagram) {
    bytes_answered_ += datagram.bytes.size();
    answers_.push_back(datagram.bytes);
  });
}

void Attacker::listen(AccessLine& line) {
  line.set_tap([this](const Datagram& datagram) { captured_.push_back(datagram); });
}

std::vector<Datagram> Attacker::captured_to(const base::SocketAddress& destination) const {
  std::vector<Datagram> found;
  std::ranges::copy_if(captured_, std::back_inserter(found),
                       [&](const Datagram& datagram) { return datagram.destination == destination; });
  return found;
}

void Attacker::send(const base::SocketAddress& destination, Bytes bytes) {
  send_as(address_, destination, std::move(bytes));
}

void Attacker::send_as(const base::SocketAddress& source, const base::SocketAddress& destination,
                       Bytes bytes) {
  bytes_sent_ += bytes.size();
  network_.send({source, destination, std::move(bytes)});
}

}  // namespace sennit::sim
