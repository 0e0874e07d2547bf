#include "sim/scenario.hpp"

#include <algorithm>
#include <string>

#include "sim/seeded_randomness.hpp"

namespace sennit::sim {

namespace {

constexpr std::uint16_t kGatewayPort = 6000;

base::IpAddress inner_v4(std::uint8_t host) {
  return base::IpAddress::v4({10, 77, 0, host});
}

base::IpAddress inner_v6(std::uint8_t host) {
  std::array<std::uint8_t, 16> bytes{0xfd, 0x77};
  bytes[15] = host;
  return base::IpAddress::v6(bytes);
}

tunnel::EndpointConfig gateway_config(const ScenarioOptions& options) {
  return {.role = tunnel::Role::kGateway,
          .private_key = key_of(options.seed, 0),
          .mode = options.mode,
          .fixed_mtu = {},
          .addresses = {{inner_v4(1), 24}, {inner_v6(1), 64}},
          .networks = {},
          .peers = {},
          .links = {},
          .seed = options.seed,
          .last_timestamp = 0,
          .software = "sim",
          .coalescing = inbound::Coalescing::kTcpAndUdp};
}

tunnel::EndpointConfig client_config(const ScenarioOptions& options, std::uint64_t number) {
  auto config = gateway_config(options);
  config.role = tunnel::Role::kClient;
  config.private_key = key_of(options.seed, 1 + number);
  config.addresses.clear();
  config.seed = options.seed + 1 + number;
  config.peers = {{"gateway", key_of(options.seed, 0).public_key(), {}, {}, {}}};
  return config;
}

}  // namespace

crypto::PrivateKey key_of(std::uint64_t seed, std::uint64_t number) {
  crypto::initialise();
  base::Rng rng(seed * 1000 + number);
  crypto::Secret secret;
  std::ranges::generate(secret.bytes(), [&] { return static_cast<std::uint8_t>(rng()); });
  return crypto::PrivateKey(secret);
}

Scenario::Scenario(const ScenarioOptions& options)
    : network(options.seed), gateway(network, gateway_config(options)), options_(options) {
  seed_randomness(options.seed);
  gateway.inner_v4 = inner_v4(1);
  gateway.inner_v6 = inner_v6(1);
  gateway.open(gateway_address(base::Family::kV4));
  gateway.open(gateway_address(base::Family::kV6));
}

base::SocketAddress Scenario::gateway_address(base::Family family) const {
  const auto v6 = base::IpAddress::parse("2001:db8::1");
  return {family == base::Family::kV6 ? *v6 : base::IpAddress::v4({203, 0, 113, 1}), kGatewayPort};
}

LineAddresses Scenario::fresh_addresses() {
  std::array<std::uint8_t, 16> v6{0x20, 0x01, 0x0d, 0xb8, 0, 1};
  v6[15] = next_line_address_;
  return {base::IpAddress::v4({198, 51, 100, next_line_address_++}), base::IpAddress::v6(v6)};
}

Client& Scenario::add_client() {
  const auto number = clients.size();
  const auto host = static_cast<std::uint8_t>(2 + number);
  const auto address = gateway_address(options_.outer).address;
  auto& client =
      clients.emplace_back(network, client_config(options_, number),
                           std::vector{tunnel::GatewayAddress{address, kGatewayPort, kGatewayPort}});
  client.inner_v4 = inner_v4(host);
  client.inner_v6 = inner_v6(host);
  gateway.config.peers.push_back({"client" + std::to_string(number),
                                  client.config.private_key.public_key(),
                                  {},
                                  {{inner_v4(host), 24}, {inner_v6(host), 64}},
                                  {{inner_v4(host), 32}, {inner_v6(host), 128}}});
  return client;
}

AccessLine& Scenario::add_line(Client& client, const LineSpec& spec) {
  auto& line = lines.emplace_back(network, fresh_addresses(), spec.nat, spec.up, spec.down);
  line.interface_mtu = spec.interface_mtu;
  const base::LinkId link{static_cast<std::uint16_t>(client.config.links.size())};
  client.config.links.push_back({.id = link,
                                 .name = "link" + std::to_string(link.value),
                                 .sockets = spec.sockets,
                                 .up = spec.told_up,
                                 .down = spec.told_down,
                                 .cost = 0,
                                 .use = spec.use});
  client.plug(link, line);
  return line;
}

void Scenario::start() {
  gateway.start();
  for (auto& client : clients) client.start();
}

bool Scenario::is_up() const {
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (clients[i].peer_state() != tunnel::PeerState::kUp) return false;
    if (gateway.peer_state(i) != tunnel::PeerState::kUp) return false;
  }
  return true;
}

bool Scenario::connect(base::Duration limit) {
  start();
  return network.run_until([this] { return is_up(); }, limit);
}

Flow& Scenario::add_flow(Host& from, Host& to, const FlowShape& shape) {
  return flows_.emplace_back(network, from, to, next_application_++, shape);
}

Ping& Scenario::add_ping(Host& from, Host& to, base::Duration interval) {
  return pings_.emplace_back(network, from, to, next_application_++, interval);
}

Transfer& Scenario::add_transfer(Device& from, Device& to, TransferKind kind) {
  return transfers_.emplace_back(network, from, to, next_application_++, kind);
}

}  // namespace sennit::sim
