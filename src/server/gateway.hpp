// A running gateway: listening sockets, many peers. Joins the parts; the order of start and clean-up is
// shell::Runtime's. Addresses, routes and leases are settled at start, since the peers are known from the
// configuration. Invariant: leases are on disk before the first peer can be told of one.
#pragma once

#include <optional>
#include <vector>

#include "config/options.hpp"
#include "io/forwarding_override.hpp"
#include "io/masquerade.hpp"
#include "server/leases.hpp"
#include "shell/runtime.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::server {

class Gateway {
 public:
  // Acquires what a gateway needs; throws base::Error where something is refused.
  explicit Gateway(const config::GatewayOptions& options);
  // Works until it is told to stop.
  void run() { runtime_.run(); }

 private:
  struct Plan;
  Gateway(const config::GatewayOptions& options, const Plan& plan);
  void listen(const std::vector<config::ListenAddress>& addresses);
  void masquerade(const config::GatewayOptions& options);

  shell::Runtime runtime_;
  std::vector<io::ForwardingOverride> forwarding_;
  std::optional<io::Masquerade> masquerade_;
};

}  // namespace sennit::server
