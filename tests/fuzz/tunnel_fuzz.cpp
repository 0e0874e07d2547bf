// A peer that sends whatever it likes, authentically: every piece of the input is sealed and received as a
// frame, with time passing between them. And an endpoint that is sent the same pieces as they are. Nothing
// may break, whatever comes.
#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "fuzz/require.hpp"
#include "outbound/seal.hpp"
#include "tunnel/endpoint.hpp"
#include "tunnel/peer.hpp"
#include "wire/bytes.hpp"

namespace {

using namespace sennit;
using fuzz::require;

const base::Instant kStart = base::Instant{} + std::chrono::hours(1);
const auto kRemote = *base::SocketAddress::parse("192.0.2.7:4000");
const base::PeerId kPeer{0};

crypto::Secret secret(std::uint8_t byte) {
  std::array<std::uint8_t, crypto::Secret::kSize> bytes{};
  bytes.fill(byte);
  return crypto::Secret(bytes);
}

// The next piece of the input: a length byte pair, then so many bytes.
std::vector<std::uint8_t> take_piece(wire::Reader& input) {
  const std::size_t length = std::min<std::size_t>(input.u16() % 1600, input.rest().size());
  const auto bytes = input.bytes(length);
  return {bytes.begin(), bytes.end()};
}

// A superpacket with its payload in one piece.
std::vector<std::uint8_t> joined(const base::InboundPacket& packet) {
  std::vector<std::uint8_t> whole(packet.bytes.begin(), packet.bytes.end());
  for (const auto& part : packet.more) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

// Sealed by the attacker's own session, opened by the peer under test.
void send_frames(wire::Reader input, tunnel::Role role) {
  const auto cipher = crypto::Cipher::kChaCha20Poly1305;
  crypto::Session attacker({1}, {2}, {cipher, secret(1), secret(2)});
  tunnel::Outputs outputs(inbound::Coalescing::kTcpAndUdp);
  tunnel::PeerConfig config{"peer", {}, {}, {}, {*base::Prefix::parse("10.77.0.2/32")}};
  tunnel::AllowedIps allowed;
  tunnel::Peer peer(kPeer, role, config, outbound::Mode::kAggregate, std::nullopt, allowed, outputs);
  peer.set_own_addresses({*base::Prefix::parse("10.77.0.1/24"), *base::Prefix::parse("fd77::1/64")});
  allowed.add(config.allowed.front(), kPeer);
  peer.add_unconfirmed(crypto::Session({2}, {1}, {cipher, secret(2), secret(1)}), {}, kStart);

  auto now = kStart;
  while (!input.rest().empty()) {
    const auto path = base::PathId{static_cast<std::uint8_t>(input.u8() % base::kMaxPaths)};
    now += std::chrono::milliseconds(input.u8());
    const auto frame = take_piece(input);
    outbound::TransmitQueue wire_queue;
    outbound::seal(attacker, path, {base::SocketId{0}, {}, kRemote}, frame, wire_queue);
    const auto sent = wire_queue.drain().front().bytes;
    std::vector<std::uint8_t> datagram(sent.begin(), sent.end());
    const auto header = wire::SealedHeader::parse(datagram);
    auto* session = peer.find_session({2}, now);
    if (session == nullptr) return;
    peer.receive(*session, *header, {base::SocketId{0}, {}, kRemote, datagram}, now);
    peer.settle(now);
    for (const auto& packet : outputs.inbound()) {
      const auto whole = joined(packet);
      const auto ip = wire::IpPacket::parse(whole);
      require(ip && allowed.find(ip->source) == kPeer,
              "only IP packets from the peer's own address come out");
      const auto& [segmentation, segment_size, start, offset] = packet.offload;
      require(start == 0 || std::size_t{start} + offset + 2 <= packet.bytes.size(),
              "a checksum that is left open lies within the packet");
    }
    outputs.clear_inbound();
    if (peer.next_wakeup() <= now) peer.handle_timeout(now);
    peer.settle(now);
    outputs.clear_inbound();
    outputs.transmit.drain();
  }
}

void send_datagrams(wire::Reader input) {
  tunnel::PeerConfig known{"peer", {}, {}, {}, {*base::Prefix::parse("10.77.0.2/32")}};
  tunnel::EndpointConfig config{.role = tunnel::Role::kGateway,
                                .private_key = crypto::PrivateKey(secret(3)),
                                .mode = outbound::Mode::kAggregate,
                                .fixed_mtu = {},
                                .addresses = {*base::Prefix::parse("10.77.0.1/24")},
                                .networks = {},
                                .peers = {std::move(known)},
                                .links = {},
                                .seed = 0,
                                .last_timestamp = 0,
                                .software = {},
                                .coalescing = inbound::Coalescing::kTcpAndUdp};
  tunnel::Endpoint endpoint(std::move(config), {kStart, {}});
  auto now = kStart;
  while (!input.rest().empty()) {
    now += std::chrono::milliseconds(input.u8());
    auto piece = take_piece(input);
    const base::InboundDatagram datagram{base::SocketId{0}, {}, kRemote, piece};
    endpoint.handle_datagrams(std::span(&datagram, 1), {now, {}});
    std::size_t answered = 0;
    for (const auto& transmit : endpoint.poll_transmit()) answered += transmit.bytes.size();
    require(answered <= piece.size(), "a stranger is never sent more than he sent");
    require(endpoint.poll_tun().empty(), "nothing unauthentic reaches the TUN device");
    std::vector<std::uint8_t> buffer(base::kHeadroom + piece.size());
    std::ranges::copy(piece, buffer.begin() + base::kHeadroom);
    const base::OutboundPacket packet{base::ByteSpan(buffer).subspan(base::kHeadroom)};
    endpoint.handle_tun(std::span(&packet, 1), {now, {}});
    require(endpoint.poll_transmit().empty(), "nothing is sent without a session");
    if (endpoint.next_wakeup() <= now) endpoint.handle_timeout({now, {}});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  crypto::initialise();
  const wire::Reader input({data, size});
  send_frames(input, tunnel::Role::kGateway);
  send_frames(input, tunnel::Role::kClient);
  send_datagrams(input);
  return 0;
}
