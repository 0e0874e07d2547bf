#include "sim/beside_tunnel.hpp"

#include <utility>

namespace sennit::sim {

BesideTunnel::BesideTunnel(Network& network, AccessLine& line, std::uint16_t number)
    : number_(number),
      server_address_{base::IpAddress::v4({203, 0, 113, 200}), number},
      subscriber_(
          [this, &line](Device::Bytes packet) { line.send(number_, server_address_, std::move(packet)); }),
      server_([this, &network, &line](Device::Bytes packet) {
        const base::SocketAddress to{line.subscriber_address(base::Family::kV4), number_};
        network.send({server_address_, to, std::move(packet)});
      }) {
  subscriber_.inner_v4 = base::IpAddress::v4({192, 0, 2, 1});
  server_.inner_v4 = base::IpAddress::v4({192, 0, 2, 2});
  line.bind(base::Family::kV4, number, [this](const Datagram& datagram) { subscriber_.arrive(datagram); });
  network.bind(server_address_, [this](const Datagram& datagram) { server_.arrive(datagram); });
}

}  // namespace sennit::sim
