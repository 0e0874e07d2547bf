// What is under way at a gateway when a session ends or another begins, within one call.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "outbound/transmit_queue.hpp"
#include "tunnel/endpoint.hpp"

namespace sennit::tunnel {
namespace {

using namespace std::chrono_literals;
using Datagrams = std::vector<std::vector<std::uint8_t>>;

const auto kGateway = *base::SocketAddress::parse("192.0.2.1:6000");
const auto kClient = *base::SocketAddress::parse("192.0.2.7:4000");
const base::Prefix kDevice = *base::Prefix::parse("10.77.0.2");
constexpr base::Duration kDelay = 50ms;
constexpr std::size_t kSmall = 100;   // shares a datagram with others
constexpr std::size_t kLarge = 1000;  // has one of its own

crypto::PrivateKey key(std::uint8_t byte) {
  std::array<std::uint8_t, crypto::Secret::kSize> bytes{};
  bytes.fill(byte);
  return crypto::PrivateKey(crypto::Secret(bytes));
}

EndpointConfig settings(Role role, std::uint8_t own, PeerConfig peer) {
  return {.role = role,
          .private_key = key(own),
          .mode = outbound::Mode::kAggregate,
          .fixed_mtu = {},
          .addresses = {},
          .networks = {},
          .peers = {std::move(peer)},
          .links = std::vector<LinkConfig>(role == Role::kClient ? 1 : 0),
          .seed = 1,
          .last_timestamp = 0,
          .software = {}};
}

EndpointConfig gateway_settings() {
  PeerConfig peer;
  peer.name = "client";
  peer.public_key = key(2).public_key();
  peer.allowed = {*base::Prefix::parse("10.77.0.2")};
  return settings(Role::kGateway, 1, peer);
}

EndpointConfig client_settings(std::uint64_t last_timestamp) {
  PeerConfig peer;
  peer.name = "gateway";
  peer.public_key = key(1).public_key();
  peer.allowed = {*base::Prefix::parse("10.77.0.0/24")};
  auto config = settings(Role::kClient, 2, peer);
  config.last_timestamp = last_timestamp;
  return config;
}

// IPv4 and UDP of one flow; every byte of the payload is `mark`.
std::vector<std::uint8_t> packet(std::uint8_t from, std::uint8_t to, std::size_t size, std::uint8_t mark) {
  std::vector<std::uint8_t> bytes(base::kHeadroom + size, mark);
  const auto high = static_cast<std::uint8_t>(size >> 8U);
  const auto low = static_cast<std::uint8_t>(size);
  const auto udp_high = static_cast<std::uint8_t>((size - 20) >> 8U);
  const auto udp_low = static_cast<std::uint8_t>(size - 20);
  std::ranges::copy(std::to_array<std::uint8_t>({0x45, 0, high, low, 0,        0,       0,  0,  64, 17,
                                                 0,    0, 10,   77,  0,        from,    10, 77, 0,  to,
                                                 0x10, 0, 0x20, 0,   udp_high, udp_low, 0,  0}),
                    bytes.begin() + base::kHeadroom);
  return bytes;
}

class SessionChange : public testing::Test {
 protected:
  SessionChange() { gateway_.add_device({kDevice, {kDevice}}); }

  Endpoint make_client(std::uint64_t last_timestamp) {
    Endpoint client(client_settings(last_timestamp), now_);
    client.set_gateway_addresses({{kGateway.address, kGateway.port, kGateway.port}}, now_);
    client.attach_link({0}, {{{base::SocketId{1}, std::nullopt}}, link::PathMtu{1400}}, now_);
    return client;
  }

  static Datagrams sent_by(Endpoint& endpoint) {
    Datagrams datagrams;
    for (const auto& run : endpoint.poll_transmit()) {
      for (std::size_t at = 0; at < run.bytes.size(); at += run.segment_size) {
        const auto rest = run.bytes.subspan(at);
        const auto one = rest.first(std::min(rest.size(), run.segment_size));
        datagrams.emplace_back(one.begin(), one.end());
      }
    }
    return datagrams;
  }

  // In one call, as one receive call of the kernel brings them.
  void give(Endpoint& to, const base::SocketAddress& source, Datagrams datagrams) {
    std::vector<base::InboundDatagram> batch;
    for (auto& bytes : datagrams) batch.push_back({{1}, {}, source, bytes, {}});
    held_.push_back(std::move(datagrams));
    to.handle_datagrams(batch, now_);
  }

  void send(Endpoint& from, std::vector<std::uint8_t> bytes) {
    held_.push_back({std::move(bytes)});
    const base::OutboundPacket one{base::ByteSpan(held_.back().front()).subspan(base::kHeadroom), {}};
    from.handle_tun({&one, 1}, now_);
  }

  // Both talk to each other for so long.
  void run(Endpoint& client, base::Duration time) {
    for (const auto end = now_.monotonic + time; now_.monotonic < end; now_.monotonic += 10ms) {
      for (Endpoint* endpoint : {&client, &gateway_}) endpoint->handle_timeout(now_);
      give(gateway_, kClient, sent_by(client));
      give(client, kGateway, sent_by(gateway_));
    }
  }

  void delay_device(bool is_delayed) {
    impair::Settings impairment;
    impairment.delay.delay = kDelay;
    gateway_.impair_device(kDevice, device::Direction::kDown,
                           is_delayed ? std::optional(impairment) : std::nullopt, now_);
  }

  PeerState gateways_state() { return gateway_.report(now_).peers.at(0).state; }

  base::Now now_{base::Instant{} + 1h, base::WallTime{} + 1h};
  std::vector<Datagrams> held_;  // what was given must stay until it has been dealt with
  Endpoint gateway_{gateway_settings(), now_};
};

TEST_F(SessionChange, EndsWhileSmallPacketsGoOut) {
  auto client = make_client(0);
  run(client, 1s);
  ASSERT_EQ(gateways_state(), PeerState::kUp);
  delay_device(true);
  send(gateway_, packet(1, 2, kSmall, 7));
  client.close(now_);
  const auto goodbye = sent_by(client);
  now_.monotonic += kDelay;
  give(gateway_, kClient, goodbye);
  EXPECT_NE(gateways_state(), PeerState::kUp);
}

TEST_F(SessionChange, CountsItsFlowsFromZero) {
  auto before = make_client(0);
  run(before, 1s);
  for (int i = 0; i < 6'000; ++i) send(gateway_, packet(1, 2, kSmall, 7));
  run(before, 100ms);
  delay_device(true);
  auto after = make_client(before.last_timestamp());
  after.handle_timeout(now_);
  give(gateway_, kClient, sent_by(after));
  give(after, kGateway, sent_by(gateway_));
  const auto confirmation = sent_by(after);
  send(gateway_, packet(1, 2, kSmall, 7));
  now_.monotonic += kDelay;
  give(gateway_, kClient, confirmation);
  ASSERT_EQ(gateways_state(), PeerState::kUp);
  delay_device(false);
  run(after, 1s);
  for (std::uint8_t i = 0; i < 10; ++i) send(gateway_, packet(1, 2, kLarge, i));
  give(after, kGateway, sent_by(gateway_));
  EXPECT_EQ(after.poll_tun().size(), 10U) << "none is taken for an old one";
}

TEST_F(SessionChange, KeepsWhatTheFormerOneHasReleased) {
  auto before = make_client(0);
  run(before, 1s);
  const auto from_client = [&](std::uint8_t mark) {
    send(before, packet(2, 1, kLarge, mark));
    return sent_by(before);
  };
  give(gateway_, kClient, from_client(1));
  auto late = from_client(2);
  give(gateway_, kClient, from_client(3));
  before.close(now_);
  auto after = make_client(before.last_timestamp());
  const auto goodbye = sent_by(before);
  run(after, 20ms);
  late.push_back(goodbye.front());
  give(gateway_, kClient, late);
  const auto released = gateway_.poll_tun();
  ASSERT_EQ(released.size(), 2U);
  EXPECT_EQ(released.front().bytes.back(), 2);
  EXPECT_EQ(released.back().bytes.back(), 3);
}

}  // namespace
}  // namespace sennit::tunnel
