#include "sim/client.hpp"

#include <algorithm>
#include <utility>

namespace sennit::sim {

Client::Client(Network& client_network, tunnel::EndpointConfig client_config,
               std::vector<tunnel::GatewayAddress> gateway_addresses)
    : Host(client_network, std::move(client_config)), gateway_addresses_(std::move(gateway_addresses)) {}

void Client::start() {
  Host::start();
  act([this](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.set_gateway_addresses(gateway_addresses_, now);
  });
  for (const auto& [link, plugged] : plugged_) attach(link, plugged);
}

void Client::restart(TimestampMemory memory) {
  kill();
  if (memory == TimestampMemory::kLost) config.last_timestamp = 0;
  start();
}

std::uint8_t Client::paths_of(base::LinkId link) const {
  return std::ranges::find(config.links, link, &tunnel::LinkConfig::id)->sockets;
}

void Client::plug(base::LinkId link, AccessLine& line) {
  auto& plugged = plugged_[link];
  plugged.line = &line;
  for (std::uint8_t i = 0; i < paths_of(link); ++i) {
    plugged.sockets.push_back({open(line, base::Family::kV4), open(line, base::Family::kV6)});
  }
  attach(link, plugged);
}

void Client::unplug(base::LinkId link) {
  for (const auto& [v4, v6] : plugged_.at(link).sockets) {
    close_socket(*v4);
    close_socket(*v6);
  }
  plugged_.erase(link);
  act([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.detach_link(link, now); });
}

void Client::replug(base::LinkId link) {
  auto& line = *plugged_.at(link).line;
  unplug(link);
  plug(link, line);
}

void Client::attach(base::LinkId link, const Plugged& plugged) {
  act([&](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.attach_link(link, {plugged.sockets, plugged.line->interface_mtu}, now);
  });
}

}  // namespace sennit::sim
