// Peer, inward: sealed datagram -> open -> route -> frame -> deduplicate or reassemble -> resequence ->
// source check -> MSS -> coalesce.
#include "tunnel/peer.hpp"
#include "wire/frames.hpp"
#include "wire/open_checksum.hpp"

namespace sennit::tunnel {

void Peer::receive(LiveSession& session, const wire::SealedHeader& header,
                   const base::InboundDatagram& datagram, base::Instant now) {
  const auto result = inbound::open(session.session, header, datagram.bytes);
  if (const auto* reason = std::get_if<base::DropReason>(&result)) {
    out_.drops.count(*reason);
    return;
  }
  const auto& opened = std::get<inbound::Opened>(result);
  confirm(session, now);
  PeerPath& path = find_or_make_path(header.path);
  note_arrival(session, path, datagram, opened, now);
  if (!opened.frame.empty()) handle_frame(session, path, opened.frame, datagram.bytes.size(), now);
}

void Peer::note_arrival(const LiveSession& session, PeerPath& path, const base::InboundDatagram& datagram,
                        const inbound::Opened& opened, base::Instant now) {
  const auto outer = base::outer_overhead(datagram.remote.address.family());
  path.path.rx.add(1, {datagram.bytes.size() + outer}, now);
  path.prober.note_heard(now);
  path.arrived = now - datagram.waited;
  if (&session == current_.get()) {
    path.reporter.note_arrival(opened.counter, {datagram.bytes.size()}, opened.verdict, path.arrived);
    const bool is_control =
        opened.frame.empty() || wire::FrameKind{opened.frame.front()} == wire::FrameKind::kControl;
    if (!is_control) path.reporter.note_inner(path.path.capacity.capacity(), now);
  }
  if (own_role_ == Role::kClient) return;
  // The gateway follows its client: the newest authentic datagram tells where a path leads.
  if (opened.verdict != crypto::ReplayWindow::Verdict::kNewest) return;
  const base::Route route{datagram.socket, datagram.local, datagram.remote};
  if (!path.path.route) {
    path.path.attach(route);
    path.prober.restart();
    path.mtu.restart(path.path.link_mtu);
  }
  path.path.route = route;
  if (!path.path.has_been_up()) path.path.mark_reachable();
}

void Peer::handle_frame(LiveSession& session, PeerPath& path, base::ByteSpan frame, std::size_t datagram_size,
                        base::Instant now) {
  switch (static_cast<wire::FrameKind>(frame.front())) {
    case wire::FrameKind::kData: return handle_data(session, path, frame, now);
    case wire::FrameKind::kBundle: return handle_bundle(session, path, frame, now);
    case wire::FrameKind::kFragment: return handle_fragment(session, path, frame, now);
    case wire::FrameKind::kControl: return handle_control(session, path, frame, datagram_size, now);
  }
  out_.drops.count(base::DropReason::kUnknownFrame);
}

void Peer::handle_data(LiveSession& session, const PeerPath& path, base::ByteSpan frame, base::Instant now) {
  const auto header = wire::DataHeader::parse(frame);
  if (!header) {
    out_.drops.count(base::DropReason::kMalformedFrame);
    return;
  }
  const bool has_copies = (header->flags & wire::kFlagCopies) != 0;
  if (has_copies && !session.copies.accept(header->bucket, header->sequence)) {
    session.resequencer.note_copy(header->bucket, header->sequence, path.path.id);
    ++duplicates_;
    out_.drops.count(base::DropReason::kDuplicate);
    return;
  }
  const bool is_open = (header->flags & wire::kFlagOpenChecksum) != 0;
  const base::InnerPacket packet{frame.subspan(wire::DataHeader::kSize),
                                 is_open ? base::Checksum::kOpen : base::Checksum::kComplete};
  const bool is_kept = (header->flags & wire::kFlagKept) != 0;
  resequence(session, path, {header->bucket, header->sequence, packet, is_kept}, now);
}

void Peer::handle_bundle(LiveSession& session, const PeerPath& path, base::ByteSpan frame,
                         base::Instant now) {
  wire::BundleReader reader(frame);
  while (const auto bundled = reader.next())
    resequence(session, path, {bundled->bucket, bundled->sequence, {bundled->packet}}, now);
  if (!reader.ok()) out_.drops.count(base::DropReason::kMalformedFrame);
}

void Peer::handle_fragment(LiveSession& session, const PeerPath& path, base::ConstByteSpan frame,
                           base::Instant now) {
  const auto header = wire::DataHeader::parse(frame);
  if (!header) {
    out_.drops.count(base::DropReason::kMalformedFrame);
    return;
  }
  const auto whole = reassembler_.add(*header, frame.subspan(wire::DataHeader::kSize), now);
  if (!whole) return;
  // The reassembler's buffer serves the next packet too: what is delivered must lie elsewhere.
  resequence(session, path, {header->bucket, header->sequence, {out_.keep(*whole)}}, now);
}

void Peer::resequence(LiveSession& session, const PeerPath& path, const inbound::Arrived& arrived,
                      base::Instant now) {
  const inbound::HoldLimits limits{now + patience_, now + repair_patience_};
  deliver(session.resequencer.add(arrived, path.path.id, limits), now);
}

void Peer::deliver(std::span<const base::InnerPacket> packets, base::Instant now) {
  for (const auto& packet : packets) deliver_one(packet, now);
}

void Peer::deliver_one(base::InnerPacket packet, base::Instant now) {
  const auto ip = wire::IpPacket::parse(packet.bytes);
  if (!ip) {
    out_.drops.count(base::DropReason::kNotIp);
    return;
  }
  if (allowed_.find(ip->source) != id_) {
    out_.drops.count(base::DropReason::kSourceNotAllowed);
    return;
  }
  if (packet.checksum == base::Checksum::kOpen && !wire::open_checksum(*ip)) {
    out_.drops.count(base::DropReason::kMalformedFrame);
    return;
  }
  packet.bytes = packet.bytes.first(ip->total_length);
  wire::clamp_mss(packet, *ip, inner_mtu_);
  rx_.add(1, {ip->total_length}, now);
  out_.deliver(packet, *ip, now);
}

}  // namespace sennit::tunnel
