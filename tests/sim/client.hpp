// A host whose endpoint starts handshakes over access lines that come and go.
// The counterpart of src/client: it opens one socket a path and family, and tells the endpoint of every
// change.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "sim/host.hpp"

namespace sennit::sim {

// What a restart finds of the former run.
enum class TimestampMemory : std::uint8_t { kKept, kLost };

class Client : public Host {
 public:
  Client(Network& client_network, tunnel::EndpointConfig client_config,
         std::vector<tunnel::GatewayAddress> gateway_addresses);

  // Where the gateway is said to be, from the next start on.
  void set_gateway_addresses(std::vector<tunnel::GatewayAddress> addresses) {
    gateway_addresses_ = std::move(addresses);
  }
  // Makes the endpoint and attaches every link that is plugged in.
  void start() override;
  // The process dies and comes back at once.
  void restart(TimestampMemory memory);

  // The link's interface appears, on this line; its configuration is in config.links.
  void plug(base::LinkId link, AccessLine& line);
  // It is gone.
  void unplug(base::LinkId link);
  // It went and came back: other sockets.
  void replug(base::LinkId link);

 private:
  struct Plugged {
    AccessLine* line = nullptr;
    std::vector<tunnel::PathSockets> sockets;
  };

  std::uint8_t paths_of(base::LinkId link) const;
  void attach(base::LinkId link, const Plugged& plugged);

  std::vector<tunnel::GatewayAddress> gateway_addresses_;
  std::map<base::LinkId, Plugged> plugged_;
};

}  // namespace sennit::sim
