// Two endpoints of a gateway that share its peers, and a client of the second.
#include "tunnel/share.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>

#include "outbound/transmit_queue.hpp"
#include "tunnel/endpoint.hpp"
#include "wire/outer.hpp"

namespace sennit::tunnel {
namespace {

using namespace std::chrono_literals;

const auto kGateway = *base::SocketAddress::parse("192.0.2.1:6000");
const auto kClient = *base::SocketAddress::parse("192.0.2.7:4000");

crypto::PrivateKey key(std::uint8_t byte) {
  std::array<std::uint8_t, crypto::Secret::kSize> bytes{};
  bytes.fill(byte);
  return crypto::PrivateKey(crypto::Secret(bytes));
}

std::vector<base::Prefix> prefixes(const std::string& text) {
  return {*base::Prefix::parse(text)};
}

EndpointConfig settings(Role role, const crypto::PrivateKey& own, std::vector<PeerConfig> peers) {
  return {.role = role,
          .private_key = own,
          .mode = outbound::Mode::kAggregate,
          .fixed_mtu = {},
          .addresses = {},
          .networks = {},
          .peers = std::move(peers),
          .links = {},
          .seed = 1,
          .last_timestamp = 0,
          .software = {}};
}

EndpointConfig gateway_settings(std::uint32_t index) {
  const auto peer = [](const std::string& name, std::uint8_t own, const std::string& address) {
    return PeerConfig{name, key(own).public_key(), {}, prefixes(address + "/24"), prefixes(address)};
  };
  auto config = settings(Role::kGateway, key(1), {peer("one", 2, "10.77.0.2"), peer("two", 3, "10.77.0.3")});
  config.addresses = prefixes("10.77.0.1/24");
  config.share = {index, 2};
  return config;
}

EndpointConfig client_settings() {
  auto config =
      settings(Role::kClient, key(3), {{"gateway", key(1).public_key(), {}, {}, prefixes("10.77.0.0/24")}});
  config.links.push_back({});
  return config;
}

// IPv4, 28 bytes, with the checksum of its header left out: nobody here looks at it.
std::vector<std::uint8_t> packet(std::uint8_t from, std::uint8_t to) {
  std::vector<std::uint8_t> bytes(base::kHeadroom);
  bytes.insert(bytes.end(), {0x45, 0,    0,  28, 0, 0,  0,    0, 64,   17, 0, 0, 10, 77,
                             0,    from, 10, 77, 0, to, 0x10, 0, 0x20, 0,  0, 8, 0,  0});
  return bytes;
}

class Shared : public testing::Test {
 protected:
  Shared() {
    client_.set_gateway_addresses({{kGateway.address, kGateway.port, kGateway.port}}, now_);
    client_.attach_link({0}, {{{base::SocketId{1}, std::nullopt}}, link::PathMtu{1400}}, now_);
  }

  // Everything that `from` sends goes to `give`, datagram by datagram.
  void carry(Endpoint& from, const base::SocketAddress& source,
             const std::function<void(const base::InboundDatagram&)>& give) {
    std::vector<std::vector<std::uint8_t>> datagrams;
    for (const auto& run : from.poll_transmit()) {
      for (std::size_t at = 0; at < run.bytes.size(); at += run.segment_size) {
        const auto rest = run.bytes.subspan(at);
        const auto one = rest.first(std::min(rest.size(), run.segment_size));
        datagrams.emplace_back(one.begin(), one.end());
      }
    }
    for (auto& bytes : datagrams) give({{1}, {}, source, bytes, {}});
  }

  void pass_strays(Endpoint& from, Endpoint& to, std::uint32_t owner) {
    for (const auto& stray : from.poll_strays()) {
      EXPECT_EQ(stray.owner, owner);
      ++strays_;
      to.handle_stray(stray, now_);
    }
    EXPECT_TRUE(from.poll_strays().empty()) << "each is returned once";
  }

  // All datagrams of the client come to `receiver`, for this long.
  void run(Endpoint& receiver, base::Duration time) {
    for (const auto end = now_.monotonic + time; now_.monotonic < end; now_.monotonic += 10ms) {
      for (Endpoint* endpoint : {&client_, &first_, &second_}) endpoint->handle_timeout(now_);
      carry(client_, kClient, [&](const base::InboundDatagram& datagram) {
        receiver.handle_datagrams({&datagram, 1}, now_);
        if (&receiver == &first_) pass_strays(first_, second_, 1);
      });
      for (Endpoint* endpoint : {&first_, &second_}) {
        carry(*endpoint, kGateway, [&](const base::InboundDatagram& datagram) {
          client_.handle_datagrams({&datagram, 1}, now_);
        });
      }
    }
  }

  PeerState state_of(const Endpoint& endpoint, std::size_t peer) {
    return endpoint.report(now_).peers.at(peer).state;
  }

  base::Now now_{base::Instant{} + 1h, base::WallTime{} + 1h};
  Endpoint first_{gateway_settings(0), now_};
  Endpoint second_{gateway_settings(1), now_};
  Endpoint client_{client_settings(), now_};
  std::size_t strays_ = 0;
};

TEST_F(Shared, ACallGoesFromTheFirstToWhoseItIs) {
  run(first_, 1s);
  EXPECT_EQ(state_of(client_, 0), PeerState::kUp);
  EXPECT_EQ(state_of(first_, 1), PeerState::kConnecting);
  EXPECT_EQ(state_of(second_, 1), PeerState::kUp);
}

TEST_F(Shared, SealedDatagramsFindTheirEndpointByTheSessionsIndex) {
  run(first_, 1s);
  strays_ = 0;
  run(first_, 1s);
  EXPECT_GT(strays_, 0U) << "they came to the first, as where the kernel does not steer";
  EXPECT_EQ(first_.report(now_).drops[base::DropReason::kUnknownSession], 0U);
  auto bytes = packet(3, 1);
  const base::OutboundPacket own{base::ByteSpan(bytes).subspan(base::kHeadroom)};
  client_.handle_tun({&own, 1}, now_);
  carry(client_, kClient, [&](const base::InboundDatagram& datagram) {
    const auto header = wire::SealedHeader::parse(datagram.bytes);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->receiver.value % 2, 1U);
    first_.handle_datagrams({&datagram, 1}, now_);
    EXPECT_TRUE(first_.poll_tun().empty());
    for (const auto& stray : first_.poll_strays()) second_.handle_stray(stray, now_);
    EXPECT_EQ(second_.poll_tun().size(), 1U);
  });
}

TEST_F(Shared, AnInnerPacketGoesToWhosePeerItIsFor) {
  run(first_, 1s);
  strays_ = 0;
  auto bytes = packet(1, 3);
  const base::OutboundPacket inner{base::ByteSpan(bytes).subspan(base::kHeadroom)};
  first_.handle_tun({&inner, 1}, now_);
  EXPECT_TRUE(first_.poll_transmit().empty());
  pass_strays(first_, second_, 1);
  EXPECT_EQ(strays_, 1U);
  std::size_t arrived = 0;
  carry(second_, kGateway, [&](const base::InboundDatagram& datagram) {
    client_.handle_datagrams({&datagram, 1}, now_);
    arrived += client_.poll_tun().size();
  });
  EXPECT_EQ(arrived, 1U);
}

TEST_F(Shared, OneReportHasEachPeerFromItsOwnEndpointAndTheDropsOfAll) {
  run(first_, 1s);
  first_.count_drop(base::DropReason::kSendRefused, 2);
  second_.count_drop(base::DropReason::kSendRefused, 3);
  auto report = first_.report(now_);
  add_share(report, second_.report(now_), {1, 2});
  EXPECT_EQ(report.peers.at(0).state, PeerState::kConnecting);
  EXPECT_EQ(report.peers.at(1).state, PeerState::kUp);
  EXPECT_EQ(report.drops[base::DropReason::kSendRefused], 5U);
  EXPECT_EQ(report.mtu, report.peers.at(1).mtu);
  EXPECT_NE(report.mtu, first_.report(now_).mtu);
}

}  // namespace
}  // namespace sennit::tunnel
