// Which checksums a peer sends open, and what becomes of those that it receives.
#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "outbound/seal.hpp"
#include "property/cutting.hpp"
#include "tunnel/peer.hpp"

namespace sennit::tunnel {
namespace {

using base::Checksum;
using base::Offload;
using base::Segmentation;
using reference::Bytes;
using reference::Look;
using reference::Transport;
using reference::Version;

const base::Instant kStart = base::Instant{} + std::chrono::hours(1);
const auto kRemote = *base::SocketAddress::parse("192.0.2.7:4000");
const base::PeerId kPeer{0};
const base::FlowBucket kBucket{5};
constexpr std::size_t kSegment = 1300;

crypto::Secret secret(std::uint8_t byte) {
  std::array<std::uint8_t, crypto::Secret::kSize> bytes{};
  bytes.fill(byte);
  return crypto::Secret(bytes);
}

// A gateway's peer, and the other end of its session.
class OpenChecksums : public testing::Test {
 protected:
  OpenChecksums() { make_peer(inbound::Coalescing::kTcpAndUdp, std::nullopt, outbound::Mode::kAggregate); }

  void make_peer(inbound::Coalescing coalescing, std::optional<wire::InnerMtu> mtu, outbound::Mode mode) {
    const auto cipher = crypto::Cipher::kChaCha20Poly1305;
    outputs_ = std::make_unique<Outputs>(coalescing);
    const PeerConfig config{"peer", {}, {}, {}, {*base::Prefix::parse("0.0.0.0/0")}};
    const EndpointConfig endpoint{.role = Role::kGateway,
                                  .private_key = crypto::PrivateKey(secret(3)),
                                  .mode = mode,
                                  .fixed_mtu = mtu,
                                  .addresses = {},
                                  .networks = {},
                                  .peers = {},
                                  .links = {},
                                  .seed = 0,
                                  .last_timestamp = 0,
                                  .software = {},
                                  .coalescing = inbound::Coalescing::kOff};
    peer_ = std::make_unique<Peer>(kPeer, Role::kGateway, config, endpoint, allowed_, *outputs_);
    for (const char* prefix : {"0.0.0.0/0", "::/0"}) allowed_.add(*base::Prefix::parse(prefix), kPeer);
    far_ = std::make_unique<crypto::Session>(base::SessionIndex{1}, base::SessionIndex{2},
                                             crypto::SessionKeys{cipher, secret(1), secret(2)});
    peer_->add_unconfirmed(crypto::Session({2}, {1}, {cipher, secret(2), secret(1)}), {}, kStart);
    receive({}, {0});
    frames();
  }

  // The peer receives this frame.
  void receive(const Bytes& frame, base::PathId path = {0}) {
    outbound::TransmitQueue queue;
    outbound::seal(*far_, path, {base::SocketId{0}, {}, kRemote}, frame, queue);
    const auto sent = queue.drain().front().bytes;
    datagram_.assign(sent.begin(), sent.end());
    const auto header = wire::SealedHeader::parse(datagram_);
    peer_->receive(*peer_->find_session({2}, kStart), *header,
                   {base::SocketId{0}, {}, kRemote, datagram_, {}}, kStart);
    peer_->settle(kStart);
  }

  // The peer receives a packet in a data frame with these flags.
  void receive_packet(std::uint8_t flags, const Bytes& packet) {
    Bytes frame(wire::DataHeader::kSize);
    const wire::DataHeader header{wire::FrameKind::kData, flags, kBucket, {next_sequence_++}};
    header.serialize(std::span(frame).first<wire::DataHeader::kSize>());
    frame.insert(frame.end(), packet.begin(), packet.end());
    outputs_->clear_inbound();
    receive(frame);
  }

  // The peer sends this.
  void send(const Bytes& packet, const Offload& offload) {
    Bytes buffer(base::kHeadroom);
    buffer.insert(buffer.end(), packet.begin(), packet.end());
    const base::ByteSpan bytes = base::ByteSpan(buffer).subspan(base::kHeadroom);
    const auto ip = wire::IpPacket::parse(bytes);
    auto splitter = outbound::Splitter::make({.bytes = bytes, .offload = offload}, *ip);
    ASSERT_TRUE(splitter);
    peer_->send(*splitter, *ip, {kBucket, {}}, kStart);
    peer_->settle(kStart);
  }

  // The frames that it has sent since the last call, but control frames.
  std::vector<Bytes> frames() {
    std::vector<Bytes> frames;
    for (const auto& transmit : outputs_->transmit.drain()) {
      for (std::size_t at = 0; at < transmit.bytes.size(); at += transmit.segment_size) {
        const auto datagram = transmit.bytes.subspan(at);
        const auto one = datagram.first(std::min(transmit.segment_size, datagram.size()));
        Bytes copy(one.begin(), one.end());
        const auto result = inbound::open(*far_, *wire::SealedHeader::parse(copy), copy);
        const auto frame = std::get<inbound::Opened>(result).frame;
        if (wire::FrameKind{frame.front()} != wire::FrameKind::kControl)
          frames.emplace_back(frame.begin(), frame.end());
      }
    }
    return frames;
  }

  std::uint64_t drops(base::DropReason reason) const { return outputs_->drops[reason]; }

  AllowedIps allowed_;
  std::unique_ptr<Outputs> outputs_;
  std::unique_ptr<Peer> peer_;
  std::unique_ptr<crypto::Session> far_;
  Bytes datagram_;
  std::uint32_t next_sequence_ = 0;
};

// As the kernel hands it over: the checksum is left open.
Bytes open_packet(const Look& look, std::size_t payload) {
  Bytes packet = reference::packet_of(look, Bytes(payload, 0x5A));
  reference::leave_checksum_open(packet, reference::offload_of(look, 0), look.transport);
  return packet;
}

Offload nothing_but_the_checksum(const Look& look) {
  Offload offload = reference::offload_of(look, 0);
  offload.segmentation = Segmentation::kNone;
  return offload;
}

// A frame's flags but that which says whether it is kept to be sent again.
std::uint8_t flags_of(const Bytes& frame) {
  return frame.at(1) & static_cast<std::uint8_t>(~wire::kFlagKept);
}

// The data frame's packet, its checksum completed where the frame's flags say that it is open.
Bytes delivered(const Bytes& frame) {
  const auto header = wire::DataHeader::parse(frame);
  EXPECT_TRUE(header && header->kind == wire::FrameKind::kData);
  const bool is_open = (header->flags & wire::kFlagOpenChecksum) != 0;
  return property::finished({Bytes(frame.begin() + wire::DataHeader::kSize, frame.end()),
                             is_open ? Checksum::kOpen : Checksum::kComplete});
}

const Look kLooks[] = {{},
                       {.version = Version::kV6},
                       {.transport = Transport::kUdp},
                       {.version = Version::kV6, .transport = Transport::kUdp}};

TEST_F(OpenChecksums, LeaveInLargePacketsAndAreFlagged) {
  for (const Look& look : kLooks) {
    const Bytes all = open_packet(look, 3 * kSegment + 50);
    const Offload offload = reference::offload_of(look, kSegment);
    send(all, offload);
    const auto sent = frames();
    ASSERT_EQ(sent.size(), 4U);
    std::vector<Bytes> packets;
    for (const Bytes& frame : sent) packets.push_back(delivered(frame));
    EXPECT_EQ(packets, reference::cut(all, offload));
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(flags_of(sent[i]), i < 3 ? wire::kFlagOpenChecksum : 0) << "the last is small";
  }
}

TEST_F(OpenChecksums, LeaveOnEveryPathWithTheSameFlags) {
  make_peer(inbound::Coalescing::kTcpAndUdp, std::nullopt, outbound::Mode::kRedundant);
  receive({}, {1});
  frames();
  send(open_packet({}, kSegment), nothing_but_the_checksum({}));
  const auto sent = frames();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0], sent[1]);
  EXPECT_EQ(flags_of(sent[0]), wire::kFlagCopies | wire::kFlagOpenChecksum);
}

TEST_F(OpenChecksums, AreCompletedInPacketsSmallEnoughForABundle) {
  const Look look{.transport = Transport::kUdp};
  send(open_packet(look, 200), nothing_but_the_checksum(look));
  const auto sent = frames();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(flags_of(sent[0]), 0U);
  EXPECT_EQ(delivered(sent[0]), reference::packet_of(look, Bytes(200, 0x5A)));
}

TEST_F(OpenChecksums, AreCompletedBeforeAPacketIsFragmented) {
  make_peer(inbound::Coalescing::kTcpAndUdp, wire::InnerMtu{3000}, outbound::Mode::kAggregate);
  for (const Look& look : kLooks) {
    send(open_packet(look, 2500), nothing_but_the_checksum(look));
    Bytes whole;
    for (const Bytes& frame : frames()) {
      EXPECT_EQ(frame.at(0), 3U);
      whole.insert(whole.end(), frame.begin() + wire::DataHeader::kSize, frame.end());
    }
    EXPECT_EQ(whole, reference::packet_of(look, Bytes(2500, 0x5A)));
  }
}

TEST_F(OpenChecksums, AreCompletedInWhatIsQuotedAsTooBig) {
  peer_->set_own_addresses({*base::Prefix::parse("10.77.0.1/24")});
  const Look look{.fragmentation = 0x4000};
  send(open_packet(look, 4000), nothing_but_the_checksum(look));
  EXPECT_EQ(drops(base::DropReason::kTooBig), 1U);
  const auto answer = property::whole(outputs_->inbound().front());
  const Bytes complete = reference::packet_of(look, Bytes(4000, 0x5A));
  EXPECT_TRUE(std::equal(answer.begin() + 28, answer.end(), complete.begin()));
}

TEST_F(OpenChecksums, OfASynStayRightWhenItsSegmentSizeIsLowered) {
  const Look look{.flags = reference::kSyn, .tcp_options = {2, 4, 0x23, 0x28}};  // 9000 bytes
  send(open_packet(look, 1000), nothing_but_the_checksum(look));
  const auto sent = frames();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(flags_of(sent[0]), wire::kFlagOpenChecksum);
  const unsigned mss = peer_->inner_mtu().value - 40U;
  const Look clamped{
      .flags = reference::kSyn,
      .tcp_options = {2, 4, static_cast<std::uint8_t>(mss / 256), static_cast<std::uint8_t>(mss)}};
  EXPECT_EQ(delivered(sent[0]), reference::packet_of(clamped, Bytes(1000, 0x5A)));
}

TEST_F(OpenChecksums, ReceivedGoOpenToADeviceThatTakesThem) {
  for (const Look& look : kLooks) {
    const Bytes packet = open_packet(look, 100);
    receive_packet(wire::kFlagOpenChecksum, packet);
    const auto items = outputs_->inbound();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(property::whole(items[0]), packet);
    EXPECT_EQ(items[0].offload, nothing_but_the_checksum(look));
  }
}

TEST_F(OpenChecksums, ReceivedAreCompletedForADeviceThatDoesNot) {
  make_peer(inbound::Coalescing::kOff, std::nullopt, outbound::Mode::kAggregate);
  for (const Look& look : kLooks) {
    receive_packet(wire::kFlagOpenChecksum, open_packet(look, 100));
    const auto items = outputs_->inbound();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(property::whole(items[0]), reference::packet_of(look, Bytes(100, 0x5A)));
    EXPECT_EQ(items[0].offload, Offload{});
  }
}

TEST_F(OpenChecksums, AreRefusedInPacketsThatHaveNone) {
  Look fragment;
  fragment.fragmentation = 0x2000;
  Bytes icmp = reference::packet_of({}, Bytes(100));
  icmp.at(9) = 1;
  Bytes cut = reference::packet_of({}, {});
  reference::put_u16(cut, 2, 39);  // a byte less than IP and TCP headers
  std::uint64_t count = 0;
  for (const Bytes& packet : {reference::packet_of(fragment, Bytes(100)), icmp, cut}) {
    receive_packet(wire::kFlagOpenChecksum, packet);
    EXPECT_TRUE(outputs_->inbound().empty());
    EXPECT_EQ(drops(base::DropReason::kMalformedFrame), ++count);
    receive_packet(0, packet);
    EXPECT_EQ(outputs_->inbound().size(), 1U);
  }
}

TEST_F(OpenChecksums, StayOpenInAPacketThatWaitedForAnEarlierOne) {
  receive({}, {1});  // a second path, so that a gap is waited for
  receive_packet(0, reference::packet_of({}, Bytes(10)));
  const Bytes packet = open_packet({}, 100);
  Bytes frame(wire::DataHeader::kSize);
  const auto arrive = [&](std::uint8_t flags, std::uint32_t sequence, base::PathId path, const Bytes& inner) {
    frame.resize(wire::DataHeader::kSize);
    wire::DataHeader{wire::FrameKind::kData, flags, kBucket, {sequence}}.serialize(
        std::span(frame).first<wire::DataHeader::kSize>());
    frame.insert(frame.end(), inner.begin(), inner.end());
    outputs_->clear_inbound();
    receive(frame, path);
  };
  arrive(wire::kFlagOpenChecksum, 2, {1}, packet);
  EXPECT_TRUE(outputs_->inbound().empty());
  arrive(0, 1, {0}, reference::packet_of({}, {}));
  const auto items = outputs_->inbound();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(property::whole(items[1]), packet);
  EXPECT_EQ(items[1].offload, nothing_but_the_checksum({}));
}

}  // namespace
}  // namespace sennit::tunnel
