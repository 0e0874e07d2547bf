// A peer that sends whatever it likes, authentically: every piece of the input is sealed and received as a
// frame, or changes a report of what came from the peer under test, which has packets to send now and then;
// time passes between them. And an endpoint that is sent the same pieces as they are. Nothing may break,
// whatever comes.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "control/reporter.hpp"
#include "fuzz/require.hpp"
#include "inbound/open.hpp"
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

// What the input says is to be done with a piece: the two high bits of its path byte.
enum class Deed : std::uint8_t {
  kSendFrame,
  kSendFrameToo,
  kReport,      // the piece is laid over an honest report
  kGivePacket,  // the peer under test has packets of the piece's length to send
};

// The other end of the peer's session.
class Attacker {
 public:
  // Takes what the peer sent.
  void receive(outbound::TransmitQueue& sent, base::Instant now) {
    for (const auto& transmit : sent.drain()) {
      for (std::size_t at = 0; at < transmit.bytes.size(); at += transmit.segment_size) {
        const auto rest = transmit.bytes.subspan(at);
        open(rest.first(std::min(transmit.segment_size, rest.size())), now);
      }
    }
  }
  // A control frame that tells truly what came on this path.
  std::vector<std::uint8_t> report(base::PathId path, base::Instant now) {
    std::vector<std::uint8_t> frame(256);
    wire::ControlWriter writer(frame);
    writer.add(reporters_[path.value].make(path, session_.peek_window(path), now));
    frame.resize(writer.written());
    return frame;
  }
  std::vector<std::uint8_t> seal(base::PathId path, base::ConstByteSpan frame) {
    outbound::TransmitQueue queue;
    outbound::seal(session_, path, {base::SocketId{0}, {}, kRemote}, frame, queue);
    const auto sent = queue.drain().front().bytes;
    return {sent.begin(), sent.end()};
  }

 private:
  void open(base::ConstByteSpan datagram, base::Instant now) {
    std::vector<std::uint8_t> copy(datagram.begin(), datagram.end());
    const auto header = wire::SealedHeader::parse(copy);
    require(header.has_value(), "what the peer sends is sealed");
    const auto result = inbound::open(session_, *header, copy);
    const auto* opened = std::get_if<inbound::Opened>(&result);
    require(opened != nullptr, "what the peer sends can be opened");
    reporters_[header->path.value].note_arrival(opened->counter, {datagram.size()}, opened->verdict, now);
  }

  crypto::Session session_{{1}, {2}, {crypto::Cipher::kChaCha20Poly1305, secret(1), secret(2)}};
  std::array<control::Reporter, base::kMaxPaths> reporters_;
};

// A few packets of one flow, so long or nearly so.
void give_packets(tunnel::Peer& peer, std::size_t size, base::Instant now) {
  for (std::size_t i = 0; i < 8; ++i) {
    std::vector<std::uint8_t> buffer(base::kHeadroom + std::max<std::size_t>(20, size));
    const auto packet = base::ByteSpan(buffer).subspan(base::kHeadroom);
    const std::array<std::uint8_t, 20> header = {0x45,
                                                 0,
                                                 static_cast<std::uint8_t>(packet.size() >> 8U),
                                                 static_cast<std::uint8_t>(packet.size()),
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 64,
                                                 17,
                                                 0,
                                                 0,
                                                 10,
                                                 77,
                                                 0,
                                                 1,
                                                 10,
                                                 77,
                                                 0,
                                                 2};
    std::ranges::copy(header, packet.begin());
    const auto ip = wire::IpPacket::parse(packet);
    if (!ip) return;
    auto splitter = outbound::Splitter::make({.bytes = packet}, *ip);
    if (splitter) peer.send(*splitter, *ip, {{7}, {}}, now);
  }
}

void check_delivered(tunnel::Outputs& outputs, tunnel::AllowedIps& allowed) {
  for (const auto& packet : outputs.inbound()) {
    const auto whole = joined(packet);
    const auto ip = wire::IpPacket::parse(whole);
    require(ip && allowed.find(ip->source) == kPeer, "only IP packets from the peer's own address come out");
    const auto& [segmentation, segment_size, start, offset] = packet.offload;
    require(start == 0 || std::size_t{start} + offset + 2 <= packet.bytes.size(),
            "a checksum that is left open lies within the packet");
  }
  outputs.clear_inbound();
}

// Sealed by the attacker's own session, opened by the peer under test.
void send_frames(wire::Reader input, tunnel::Role role, outbound::Mode mode) {
  Attacker attacker;
  tunnel::Outputs outputs(inbound::Coalescing::kTcpAndUdp);
  tunnel::PeerConfig config{"peer", {}, {}, {}, {*base::Prefix::parse("10.77.0.2/32")}};
  tunnel::AllowedIps allowed;
  const tunnel::EndpointConfig endpoint{.role = role,
                                        .private_key = crypto::PrivateKey(secret(3)),
                                        .mode = mode,
                                        .fixed_mtu = {},
                                        .addresses = {},
                                        .networks = {},
                                        .peers = {},
                                        .links = {},
                                        .seed = 0,
                                        .last_timestamp = 0,
                                        .software = {},
                                        .coalescing = inbound::Coalescing::kOff};
  tunnel::Peer peer(kPeer, role, config, endpoint, allowed, outputs);
  peer.set_own_addresses({*base::Prefix::parse("10.77.0.1/24"), *base::Prefix::parse("fd77::1/64")});
  allowed.add(config.allowed.front(), kPeer);
  peer.add_unconfirmed(crypto::Session({2}, {1}, {crypto::Cipher::kChaCha20Poly1305, secret(2), secret(1)}),
                       {}, kStart);

  auto now = kStart;
  while (!input.rest().empty()) {
    const auto head = input.u8();
    const auto path = base::PathId{static_cast<std::uint8_t>(head % base::kMaxPaths)};
    const Deed deed{static_cast<std::uint8_t>(head >> 6U)};
    now += std::chrono::milliseconds(input.u8());
    auto frame = take_piece(input);
    std::vector<std::uint8_t> datagram;  // what is held lies in it until settle()
    if (deed == Deed::kGivePacket) {
      give_packets(peer, frame.size(), now);
    } else {
      if (deed == Deed::kReport) {
        const auto changes = std::exchange(frame, attacker.report(path, now));
        for (std::size_t i = 0; i < std::min(changes.size(), frame.size()); ++i) frame[i] ^= changes[i];
      }
      datagram = attacker.seal(path, frame);
      const auto header = wire::SealedHeader::parse(datagram);
      auto* session = peer.find_session({2}, now);
      if (session == nullptr) return;
      peer.receive(*session, *header, {base::SocketId{0}, {}, kRemote, datagram, {}}, now);
    }
    peer.settle(now);
    check_delivered(outputs, allowed);
    if (peer.next_wakeup(now) <= now) peer.handle_timeout(now);
    peer.settle(now);
    check_delivered(outputs, allowed);
    attacker.receive(outputs.transmit, now);
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
    const base::InboundDatagram datagram{base::SocketId{0}, {}, kRemote, piece, {}};
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
  send_frames(input, tunnel::Role::kGateway, outbound::Mode::kAggregate);
  send_frames(input, tunnel::Role::kGateway, outbound::Mode::kRedundant);
  send_frames(input, tunnel::Role::kClient, outbound::Mode::kAggregate);
  send_datagrams(input);
  return 0;
}
