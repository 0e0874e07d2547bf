#include "client/client_settings.hpp"

#include "config/key_file.hpp"
#include "shell/endpoint_settings.hpp"

namespace sennit::client {

tunnel::EndpointConfig client_settings(const config::ClientOptions& options) {
  auto settings = shell::endpoint_settings(options.endpoint, tunnel::Role::kClient);
  settings.networks = options.networks;
  tunnel::PeerConfig gateway;
  gateway.name = "gateway";
  gateway.public_key = options.gateway_key.value();
  if (!options.preshared_key_file.empty())
    gateway.preshared_key = config::read_preshared_key(options.preshared_key_file);
  gateway.allowed = options.routes;
  settings.peers.push_back(std::move(gateway));
  for (std::size_t i = 0; i < options.links.size(); ++i)
    settings.links.push_back(link_settings(options.links[i], i));
  return settings;
}

tunnel::LinkConfig link_settings(const config::LinkOptions& link, std::size_t index) {
  tunnel::LinkConfig settings;
  settings.id = {static_cast<std::uint16_t>(index)};
  settings.name = link.display_name();
  settings.sockets = static_cast<std::uint8_t>(link.sockets);
  settings.up = link.up.value_or(base::BitRate{});
  settings.down = link.down.value_or(base::BitRate{});
  settings.cost = link.cost;
  settings.use = link.backup ? link::PathUse::kBackup : link::PathUse::kAlways;
  return settings;
}

}  // namespace sennit::client
