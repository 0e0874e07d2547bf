#include "micro/network.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string>

namespace sennit::bench {

namespace {

// Slow enough for the gateway not to ask for cookies (100 handshakes a second), fast enough for ten thousand
// sessions to be made before the first grows too old (180 s).
constexpr base::Duration kBetweenHandshakes = std::chrono::microseconds(10'200);
constexpr unsigned kMaxRounds = 50;
const base::SocketAddress kGateway = *base::SocketAddress::parse("192.0.2.1:51820");
constexpr std::uint16_t kFirstPort = 1000;

base::IpAddress address(std::uint8_t net, std::size_t index) {
  return base::IpAddress::v4({net, static_cast<std::uint8_t>(index >> 16U),
                              static_cast<std::uint8_t>(index >> 8U), static_cast<std::uint8_t>(index)});
}

base::IpAddress client_outer(std::size_t index) {
  return address(11, index + 1);
}

tunnel::EndpointConfig config_of(tunnel::Role role, const crypto::PrivateKey& key) {
  tunnel::EndpointConfig config{.role = role,
                                .private_key = key,
                                .fixed_mtu = wire::InnerMtu{1440},
                                .addresses = {},
                                .networks = {},
                                .peers = {},
                                .links = {},
                                .software = {}};
  config.coalescing = inbound::Coalescing::kTcpAndUdp;
  return config;
}

}  // namespace

void Datagrams::add(base::SocketId socket, const base::SocketAddress& remote, base::ConstByteSpan bytes) {
  if (size_ == held_.size()) held_.emplace_back();
  auto& held = held_[size_++];
  held.socket = socket;
  held.remote = remote;
  held.bytes.assign(bytes.begin(), bytes.end());
}

std::span<const base::InboundDatagram> Datagrams::all() {
  views_.clear();
  for (auto& held : std::span(held_).first(size_))
    views_.push_back({held.socket, {}, held.remote, held.bytes, {}});
  return views_;
}

base::IpAddress Network::gateway_inner() {
  return address(10, 1);
}

base::IpAddress Network::client_inner(std::size_t index) {
  return address(10, index + 2);
}

Network& Network::of(std::size_t clients, std::size_t paths) {
  static std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<Network>> made;
  auto& network = made[{clients, paths}];
  if (!network) network = std::make_unique<Network>(clients, paths);
  return *network;
}

Network::Network(std::size_t clients, std::size_t paths)
    : now_(base::Instant{} + std::chrono::hours(1)), gateway_key_(crypto::PrivateKey::generate()) {
  auto config = config_of(tunnel::Role::kGateway, gateway_key_);
  config.addresses = {base::Prefix(gateway_inner(), 8)};
  for (std::size_t i = 0; i < clients; ++i) {
    client_keys_.push_back(crypto::PrivateKey::generate());
    tunnel::PeerConfig peer;
    peer.name = std::to_string(i);
    peer.public_key = client_keys_.back().public_key();
    peer.addresses = {base::Prefix(client_inner(i), 8)};
    peer.allowed = {base::Prefix(client_inner(i), 32)};
    config.peers.push_back(std::move(peer));
  }
  gateway_ = std::make_unique<tunnel::Endpoint>(std::move(config), now());
  for (std::size_t i = 0; i < clients; ++i) connect(i, paths);
}

void Network::connect(std::size_t index, std::size_t paths) {
  auto config = config_of(tunnel::Role::kClient, client_keys_[index]);
  tunnel::PeerConfig peer;
  peer.name = "gateway";
  peer.public_key = gateway_key_.public_key();
  config.peers.push_back(std::move(peer));
  for (std::size_t i = 0; i < paths; ++i) {
    tunnel::LinkConfig link;
    link.id = {static_cast<std::uint16_t>(i)};
    link.name = std::to_string(i);
    config.links.push_back(std::move(link));
  }
  auto& client = *clients_.emplace_back(std::make_unique<tunnel::Endpoint>(std::move(config), now()));
  client.set_gateway_addresses({{kGateway.address, kGateway.port, kGateway.port}}, now());
  for (std::size_t i = 0; i < paths; ++i) {
    tunnel::Attachment attachment;
    attachment.sockets = {{base::SocketId{static_cast<std::uint32_t>(i)}, {}}};
    client.attach_link({static_cast<std::uint16_t>(i)}, attachment, now());
  }
  now_ += kBetweenHandshakes;
  for (unsigned round = 0; !is_up(index); ++round) {
    if (round == kMaxRounds) std::abort();
    client.handle_timeout(now());
    exchange(index);
  }
}

bool Network::is_up(std::size_t index) const {
  const auto report = clients_[index]->report(now());
  return std::ranges::all_of(report.peers.front().paths,
                             [](const auto& path) { return path.state == link::PathState::kUp; });
}

void Network::exchange(std::size_t index) {
  Datagrams datagrams;
  for (;;) {
    take_from_client(index, datagrams);
    if (datagrams.size() == 0) return;
    gateway_->handle_datagrams(datagrams.all(), now());
    datagrams.clear();
    take_from_gateway(datagrams);
    clients_[index]->handle_datagrams(datagrams.all(), now());
    datagrams.clear();
  }
}

void Network::pass(base::Duration time) {
  now_ += time;
  for (auto* endpoint : {gateway_.get(), clients_.front().get()})
    if (endpoint->next_wakeup() <= now_) endpoint->handle_timeout(now());
  exchange(0);
}

void Network::take_from_client(std::size_t index, Datagrams& out) {
  for (const auto& run : clients_[index]->poll_transmit()) {
    const auto port = static_cast<std::uint16_t>(kFirstPort + run.route.socket.value);
    for (std::size_t at = 0; at < run.bytes.size(); at += run.segment_size) {
      out.add(base::SocketId{0}, {client_outer(index), port},
              run.bytes.subspan(at, std::min(run.segment_size, run.bytes.size() - at)));
    }
  }
}

void Network::take_from_gateway(Datagrams& out) {
  for (const auto& run : gateway_->poll_transmit()) {
    const base::SocketId socket{static_cast<std::uint32_t>(run.route.remote.port - kFirstPort)};
    for (std::size_t at = 0; at < run.bytes.size(); at += run.segment_size) {
      out.add(socket, kGateway, run.bytes.subspan(at, std::min(run.segment_size, run.bytes.size() - at)));
    }
  }
}

}  // namespace sennit::bench
