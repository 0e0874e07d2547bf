// Peer, outward: inner packets -> MTU check -> split -> schedule -> sequence -> bundle -> seal.
#include <algorithm>

#include "outbound/fragment.hpp"
#include "outbound/seal.hpp"
#include "tunnel/peer.hpp"
#include "wire/icmp.hpp"
#include "wire/open_checksum.hpp"

namespace sennit::tunnel {

namespace {
// ICMP answers a second (RFC 4443 section 2.4 f asks for a limit).
constexpr unsigned kMaxIcmpPerSecond = 100;
}  // namespace

void Peer::send(outbound::Splitter& packets, const wire::IpPacket& ip, base::FlowBucket bucket,
                base::Instant now) {
  if (!std::exchange(is_surveyed_, true)) scheduler_.survey(path_list());
  if (!current_ || !scheduler_.has_usable()) {
    out_.drops.count(base::DropReason::kPeerDown, packets.count());
    return;
  }
  if (packets.largest() > inner_mtu_.value && ip.dont_fragment) {
    refuse_too_big(packets, now);
    return;
  }
  const base::Bytes burst{packets.count() * packets.largest()};
  const bool is_single = packets.count() == 1;
  packets.leave_open_above(outbound::Bundle::kLargestPacket);
  for (auto packet = packets.next(); !packet.bytes.empty(); packet = packets.next()) {
    // The packet that sets up a connection is never one of many.
    if (is_single) wire::clamp_mss(packet, ip, inner_mtu_);
    send_packet(packet, bucket, burst, now);
  }
}

void Peer::send_packet(const base::InnerPacket& packet, base::FlowBucket bucket, base::Bytes burst,
                       base::Instant now) {
  const base::Bytes size{packet.bytes.size()};
  tx_.add(1, size, now);
  const auto choice = scheduler_.choose(bucket, size, burst);
  const bool is_small = size.value <= outbound::Bundle::kLargestPacket;
  if (is_small && choice.size() == 1) return send_small(packet.bytes, bucket, *choice.front(), now);
  flush(now);
  if (choice.empty()) {
    send_fragments(packet, bucket, now);
  } else {
    send_whole(packet, bucket, choice, now);
  }
}

void Peer::send_small(base::ByteSpan packet, base::FlowBucket bucket, link::Path& path, base::Instant now) {
  if (!bundle_) bundle_ = std::make_unique<outbound::Bundle>();
  if (bundle_path_ != &path) flush(now);
  bundle_path_ = &path;
  const wire::BundledPacket bundled{bucket, current_->next_sequence(bucket), packet};
  const auto largest_frame = outbound::largest_inner(path).value + wire::DataHeader::kSize;
  if (bundle_->add(bundled, largest_frame)) return;
  flush(now);
  bundle_path_ = &path;
  bundle_->add(bundled, largest_frame);
}

void Peer::settle(base::Instant now) {
  flush(now);
  if (former_) former_->resequencer.keep();
  if (current_) current_->resequencer.keep();
  ended_before_ = std::exchange(ended_, {});
}

void Peer::flush(base::Instant now) {
  auto* path = std::exchange(bundle_path_, nullptr);
  if (path == nullptr) return;
  seal_on(*path, bundle_->take(), now);
  path->last_inner_sent = now;
}

void Peer::send_whole(const base::InnerPacket& packet, base::FlowBucket bucket,
                      std::span<link::Path* const> paths, base::Instant now) {
  static_assert(wire::DataHeader::kSize <= base::kHeadroom);
  const base::ByteSpan frame(packet.bytes.data() - wire::DataHeader::kSize,
                             packet.bytes.size() + wire::DataHeader::kSize);
  wire::DataHeader header;
  header.bucket = bucket;
  header.sequence = current_->next_sequence(bucket);
  if (paths.size() > 1) header.flags |= wire::kFlagCopies;
  if (packet.checksum == base::Checksum::kOpen) header.flags |= wire::kFlagOpenChecksum;
  header.serialize(frame.first<wire::DataHeader::kSize>());
  for (auto* path : paths) {
    seal_on(*path, frame, now);
    path->last_inner_sent = now;
  }
}

void Peer::send_fragments(const base::InnerPacket& inner, base::FlowBucket bucket, base::Instant now) {
  const base::ByteSpan packet = inner.bytes;
  const auto plan = outbound::plan_fragments({packet.size()}, scheduler_.largest_in_use());
  if (!plan || plan->piece > inbound::Reassembler::kMaxPacket) {
    out_.drops.count(base::DropReason::kTooBig);
    return;
  }
  // A fragment's flags byte has no room to say that the checksum is open.
  if (inner.checksum == base::Checksum::kOpen) {
    const auto ip = wire::IpPacket::parse(packet);
    wire::complete_checksum(packet, *wire::open_checksum(*ip), ip->protocol);
  }
  std::array<std::uint8_t, wire::DataHeader::kSize + inbound::Reassembler::kMaxPacket> frame{};
  wire::DataHeader header{wire::FrameKind::kFragment, 0, bucket, current_->next_sequence(bucket)};
  for (std::uint8_t number = 0; number < plan->count; ++number) {
    const auto piece =
        packet.subspan(number * plan->piece, std::min(plan->piece, packet.size() - number * plan->piece));
    // Never empty: a piece is no larger than what the largest path in use takes.
    const auto choice = scheduler_.choose(bucket, {piece.size()}, {piece.size()});
    header.flags = wire::FragmentPosition{number, number + 1 == plan->count}.to_flags();
    header.serialize(std::span(frame).first<wire::DataHeader::kSize>());
    std::ranges::copy(piece, frame.begin() + wire::DataHeader::kSize);
    auto& path = *choice.front();
    seal_on(path, base::ConstByteSpan(frame).first(wire::DataHeader::kSize + piece.size()), now);
    path.last_inner_sent = now;
  }
}

void Peer::refuse_too_big(outbound::Splitter& packets, base::Instant now) {
  out_.drops.count(base::DropReason::kTooBig, packets.count());
  if (icmp_window_ == base::Instant::min() || now - icmp_window_ >= std::chrono::seconds(1)) {
    icmp_window_ = now;
    icmp_in_window_ = 0;
  }
  if (++icmp_in_window_ > kMaxIcmpPerSecond) return;
  const auto first = packets.next().bytes;
  const auto ip = wire::IpPacket::parse(first);
  const auto& own = ip->source.family() == base::Family::kV4 ? own_v4_ : own_v6_;
  if (own.family() == base::Family::kNone) return;
  std::array<std::uint8_t, wire::kMaxIcmpAnswer> answer{};
  const auto length = wire::write_too_big(first, *ip, own, inner_mtu_, answer);
  if (length == 0) return;
  const auto kept = out_.keep(base::ConstByteSpan(answer).first(length));
  out_.deliver({kept}, *wire::IpPacket::parse(kept));
}

void Peer::seal_on(link::Path& path, base::ConstByteSpan frame, base::Instant now) {
  outbound::seal(current_->session, path.id, *path.route, frame, out_.transmit);
  const auto outer = base::outer_overhead(path.route->remote.address.family());
  path.tx.add(1, {frame.size() + outbound::kSealOverhead + outer}, now);
}

}  // namespace sennit::tunnel
