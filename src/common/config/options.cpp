#include "config/options.hpp"

namespace sennit::config {

namespace {
constexpr std::uint16_t kDefaultPort = 6000;
}

GatewayOptions::GatewayOptions() {
  endpoint.tunnel.addresses = {base::Prefix(base::IpAddress::v4({10, 77, 0, 1}), 24)};
}

std::vector<ListenAddress> GatewayOptions::default_listen() {
  const PortRange port{kDefaultPort, kDefaultPort};
  return {{base::IpAddress::v4({}), port}, {base::IpAddress::v6({}), port}};
}

std::string LinkOptions::display_name() const {
  if (!name.empty()) return name;
  return interface.empty() ? address.to_string() : interface;
}

}  // namespace sennit::config
