// A gateway at the core and clients with lines to it, ready to be started: what nearly every simulation
// begins with. Inner addresses: the gateway has 10.77.0.1 and fd77::1, client n has 10.77.0.(2+n) and
// fd77::(2+n). Everything random follows from one seed; keys do too.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "sim/access_line.hpp"
#include "sim/client.hpp"
#include "sim/flow.hpp"
#include "sim/host.hpp"
#include "sim/network.hpp"
#include "sim/ping.hpp"
#include "sim/transfer.hpp"

namespace sennit::sim {

// A line and how the client's configuration describes it.
struct LineSpec {
  LinkConditions up{.delay = std::chrono::milliseconds(10)};
  LinkConditions down{.delay = std::chrono::milliseconds(10)};
  base::BitRate told_up{};
  base::BitRate told_down{};
  Nat nat = Nat::kNone;
  link::PathMtu interface_mtu{1500};
  link::PathUse use = link::PathUse::kAlways;
  std::uint8_t sockets = 1;
};

struct ScenarioOptions {
  std::uint64_t seed = 1;
  outbound::Mode mode = outbound::Mode::kAggregate;
  base::Family outer = base::Family::kV4;
};

class Scenario {
 public:
  explicit Scenario(const ScenarioOptions& options = {});

  // Before start(). The first client is made by the first call.
  Client& add_client();
  // Gives the client one more link, named "link0", "link1" …
  AccessLine& add_line(Client& client, const LineSpec& spec = {});

  // Starts the gateway and every client.
  void start();
  // Starts, and waits until every client and the gateway say that they are up.
  bool connect(base::Duration limit = std::chrono::seconds(5));
  bool is_up() const;

  // An application; it is started by the caller and lives as long as the scenario.
  Flow& add_flow(Host& from, Host& to, const FlowShape& shape = {});
  Ping& add_ping(Host& from, Host& to, base::Duration interval = std::chrono::milliseconds(100));
  Transfer& add_transfer(Device& from, Device& to, TransferKind kind);

  Network network;
  Host gateway;
  std::deque<Client> clients;
  std::deque<AccessLine> lines;
  // Where the gateway listens.
  base::SocketAddress gateway_address(base::Family family) const;

  // Addresses that no line has had yet.
  LineAddresses fresh_addresses();

 private:
  ScenarioOptions options_;
  std::uint8_t next_line_address_ = 1;
  std::uint16_t next_application_ = 5000;
  std::deque<Flow> flows_;
  std::deque<Ping> pings_;
  std::deque<Transfer> transfers_;
};

// The key that the holder of this number has in every run with this seed.
crypto::PrivateKey key_of(std::uint64_t seed, std::uint64_t number);
// The link of a client by position.
inline base::LinkId link_number(std::uint16_t number) {
  return base::LinkId{number};
}

}  // namespace sennit::sim
