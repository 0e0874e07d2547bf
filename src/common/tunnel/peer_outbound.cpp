// Peer, outward: inner packets -> MTU check -> split -> queue -> schedule -> sequence -> bundle -> seal.
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
// What a packet of a lane will weigh more on the wire than in it; near enough for planning.
constexpr std::size_t kOverheadGuess = 60;
// Faster paths' packets are not kept, bits/s.
constexpr std::uint64_t kKeepBelow = 500'000'000;
// While no path is up, so many packets of a flow wait for one: a connection that finds one of its own waiting
// goes on at once.
constexpr std::size_t kWaitOutage = 16;
}  // namespace

void Peer::send(outbound::Splitter& packets, const wire::IpPacket& ip, Kind kind, base::Instant now) {
  survey();
  auto& traffic = classes_[kind.traffic.value];
  const bool is_cut_off = !traffic.scheduler.has_usable();
  if (!current_ || (is_cut_off && traffic.scheduler.mode() != outbound::Mode::kAggregate)) {
    out_.drops.count(base::DropReason::kPeerDown, packets.count());
    return;
  }
  if (packets.largest() > inner_mtu_.value && ip.dont_fragment) {
    refuse_too_big(packets, now);
    return;
  }
  const bool is_single = packets.count() == 1;
  packets.leave_open_above(outbound::Bundle::kLargestPacket);
  for (auto packet = packets.next(); !packet.bytes.empty(); packet = packets.next()) {
    // The packet that sets up a connection is never one of many.
    if (is_single) wire::clamp_mss(packet, ip, inner_mtu_);
    tx_.add(1, {packet.bytes.size()}, now);
    if (is_cut_off) {
      wait_for_path(packet, kind.bucket, traffic, now);
    } else {
      send_packet(packet, kind.bucket, traffic, now);
    }
  }
}

// Mode aggregate, and no path is up.
void Peer::wait_for_path(const base::InnerPacket& packet, base::FlowBucket bucket, TrafficClass& traffic,
                         base::Instant now) {
  if (!traffic.queue) traffic.queue = std::make_unique<outbound::FairQueue>(out_.buffers);
  auto waiting = traffic.queue->copy_of(packet, bucket, now);
  waiting.traffic = traffic.id;
  traffic.queue->push_newest(std::move(waiting), kWaitOutage);
}

void Peer::survey() {
  if (std::exchange(is_surveyed_, true)) return;
  for (auto& traffic : classes_) traffic.survey(path_list());
}

// Where nobody waits, and the path is open, the packet goes from where it lies; else it waits its turn.
void Peer::send_packet(const base::InnerPacket& packet, base::FlowBucket bucket, TrafficClass& traffic,
                       base::Instant now) {
  traffic.scheduler.note_sent(bucket, {packet.bytes.size()}, now);
  const auto choice = traffic.scheduler.choose(bucket, {packet.bytes.size()}, outbound::Pace::kBulk, now);
  if (choice.empty()) {
    send_fragments(packet, bucket, traffic, now);
  } else if (choice.size() > 1) {
    send_copies(packet, bucket, choice, traffic, now);
  } else if (queue_for(traffic, *choice.front()).empty() && is_free(*choice.front(), now)) {
    if (bundle_path_ == choice.front() && bundle_->replace(bucket, packet.bytes)) {
      ++superseded_;
      return;
    }
    transmit(*choice.front(), packet, bucket, current_->next_sequence(bucket), 0, now);
  } else {
    auto& queue = queue_for(traffic, *choice.front());
    auto waiting = queue.copy_of(packet, bucket, now);
    waiting.traffic = traffic.id;
    queue.push(std::move(waiting));
  }
}

// Nothing waits for this path, and its time has come.
bool Peer::is_free(const link::Path& path, base::Instant now) const {
  const auto& own = paths_[path.id.value]->own_queue;
  return path.committed.value == 0 && (!own || own->empty()) && path.pacer.is_open(now);
}

outbound::FairQueue& Peer::queue_for(TrafficClass& traffic, const link::Path& path) {
  const bool is_shared = traffic.scheduler.mode() == outbound::Mode::kAggregate;
  auto& queue = is_shared ? traffic.queue : paths_[path.id.value]->own_queue;
  if (!queue) queue = std::make_unique<outbound::FairQueue>(out_.buffers);
  return *queue;
}

void Peer::send_copies(const base::InnerPacket& packet, base::FlowBucket bucket,
                       std::span<link::Path* const> paths, TrafficClass& traffic, base::Instant now) {
  const auto sequence = current_->next_sequence(bucket);
  for (auto* path : paths) {
    auto& queue = queue_for(traffic, *path);
    if (queue.empty() && path->pacer.is_open(now)) {
      transmit(*path, packet, bucket, sequence, wire::kFlagCopies, now);
      continue;
    }
    auto waiting = queue.copy_of(packet, bucket, now);
    waiting.sequence = sequence;
    waiting.traffic = traffic.id;
    waiting.flags |= wire::kFlagCopies;
    queue.push(std::move(waiting));
  }
}

// Gives the paths what they can take of what waits.
void Peer::drain(base::Instant now) {
  if (!current_ || !has_waiting()) return;
  survey();
  first_class_ = (first_class_ + 1) % classes_.size();
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    auto& traffic = classes_[(first_class_ + i) % classes_.size()];
    if (traffic.queue) commit_waiting(traffic, now);
  }
  for (auto& path : paths_)
    if (path && path->path.is_usable()) drain_path(*path, now);
  flush(now);
}

bool Peer::has_waiting() const {
  if (std::ranges::any_of(classes_, [](const auto& one) { return one.queue && !one.queue->empty(); }))
    return true;
  return std::ranges::any_of(paths_, [](const auto& path) {
    return path && (path->path.committed.value > 0 || (path->own_queue && !path->own_queue->empty()));
  });
}

// Is something held back that may go over this path?
bool Peer::has_waiting_for(const PeerPath& path) const {
  if (path.own_queue && !path.own_queue->empty()) return true;
  return std::ranges::any_of(classes_, [&](const TrafficClass& one) { return one.waits_for(path.path); });
}

// Mode aggregate: packets get their path and their place in the flow.
void Peer::commit_waiting(TrafficClass& traffic, base::Instant now) {
  constexpr base::Bytes kFull{1500};
  auto& scheduler = traffic.scheduler;
  auto& queue = *traffic.queue;
  const auto size = std::min(kFull, scheduler.largest_in_use());
  while (queue.has_sparse()) {
    const auto* path = scheduler.next_path(size, outbound::Pace::kSparse, now);
    if (path == nullptr || !path->pacer.is_open_to_urgent(now)) break;
    auto next = queue.pop(now);
    if (!next) return;
    if (next->pace == outbound::Pace::kSparse && next->packet.size() <= size.value) {
      transmit_waiting(*paths_[path->id.value], std::move(next->packet), now);
    } else {
      commit(std::move(next->packet), now);
    }
  }
  while (queue.has_bulk()) {
    const auto* path = scheduler.next_path(size, outbound::Pace::kBulk, now);
    if (path == nullptr || !scheduler.has_room(*path, now)) return;
    if (auto next = queue.pop_bulk(now)) commit(std::move(*next), now);
  }
}

void Peer::commit(outbound::Waiting packet, base::Instant now) {
  auto& traffic = class_of(packet);
  const bool has_more = traffic.queue && traffic.queue->holds(packet.bucket);
  const auto pace = has_more ? outbound::Pace::kBacklogged : outbound::Pace::kBulk;
  const auto choice = traffic.scheduler.choose(packet.bucket, {packet.size()}, pace, now);
  if (choice.empty()) {
    send_fragments(packet.packet(), packet.bucket, traffic, now);
    out_.buffers.give_back(std::move(packet.buffer));
    return;
  }
  if (!packet.sequence) packet.sequence = current_->next_sequence(packet.bucket);
  auto& path = *paths_[choice.front()->id.value];
  path.path.committed += {packet.size() + kOverheadGuess};
  path.lane.push_back(std::move(packet));
}

void Peer::drain_path(PeerPath& path, base::Instant now) {
  while (!path.again.empty() && path.path.pacer.is_open_to_urgent(now)) {
    // Who sends little does not wait for all that a line held when it fell silent.
    if (path.own_queue && path.own_queue->has_sparse()) {
      send_own(path, now);
    } else {
      send_again(path, now);
    }
  }
  while (path.path.pacer.is_open(now)) {
    const bool has_own = path.own_queue && !path.own_queue->empty();
    if (!has_own && path.lane.empty()) return;
    // Who sends little goes first; for the rest, lane and queue take turns.
    const bool is_own =
        has_own && (path.lane.empty() || path.own_queue->has_sparse() || !path.is_turn_of_lane);
    path.is_turn_of_lane = is_own;
    if (is_own) {
      send_own(path, now);
    } else {
      send_first(path, now);
    }
  }
}

void Peer::send_own(PeerPath& path, base::Instant now) {
  auto next = path.own_queue->pop(now);
  if (next) transmit_waiting(path, std::move(next->packet), now);
}

void Peer::send_first(PeerPath& path, base::Instant now) {
  auto first = std::move(path.lane.front());
  path.lane.pop_front();
  release(path.path, first);
  transmit_waiting(path, std::move(first), now);
}

// The packet no longer counts as given to this path.
void Peer::release(link::Path& path, const outbound::Waiting& packet) {
  path.committed.value -= packet.size() + kOverheadGuess;
}

void Peer::transmit_waiting(PeerPath& path, outbound::Waiting packet, base::Instant now) {
  const auto sequence = packet.sequence ? *packet.sequence : current_->next_sequence(packet.bucket);
  transmit(path.path, packet.packet(), packet.bucket, sequence, packet.flags, now);
  out_.buffers.give_back(std::move(packet.buffer));
}

// Onto the path, in company where the packet is small.
void Peer::transmit(link::Path& path, const base::InnerPacket& packet, base::FlowBucket bucket,
                    base::FlowSequence sequence, std::uint8_t flags, base::Instant now) {
  const bool has_copies = (flags & wire::kFlagCopies) != 0;
  if (packet.bytes.size() <= outbound::Bundle::kLargestPacket && !has_copies)
    return send_small(packet.bytes, bucket, sequence, path, now);
  flush(now);
  static_assert(wire::DataHeader::kSize <= base::kHeadroom);
  const base::ByteSpan frame(packet.bytes.data() - wire::DataHeader::kSize,
                             packet.bytes.size() + wire::DataHeader::kSize);
  const auto keep = has_copies ? Keep::kElsewhere : keep_on(path, now);
  if (keep == Keep::kYes) flags |= wire::kFlagKept;
  if (packet.checksum == base::Checksum::kOpen) flags |= wire::kFlagOpenChecksum;
  wire::DataHeader{wire::FrameKind::kData, flags, bucket, sequence}.serialize(
      frame.first<wire::DataHeader::kSize>());
  seal_on(path, frame, keep, now);
}

// Slow paths' packets are kept, to be sent again where they are lost; copying those of fast ones costs more
// than a loss there.
Peer::Keep Peer::keep_on(const link::Path& path, base::Instant now) const {
  return path.tx.rate(now).bits_per_second < kKeepBelow ? Keep::kYes : Keep::kNo;
}

void Peer::send_small(base::ByteSpan packet, base::FlowBucket bucket, base::FlowSequence sequence,
                      link::Path& path, base::Instant now) {
  if (!bundle_) bundle_ = std::make_unique<outbound::Bundle>();
  if (bundle_path_ != &path) flush(now);
  bundle_path_ = &path;
  const wire::BundledPacket bundled{bucket, sequence, packet};
  const auto largest_frame = outbound::largest_inner(path).value + wire::DataHeader::kSize;
  if (bundle_->add(bundled, largest_frame)) return;
  flush(now);
  bundle_path_ = &path;
  bundle_->add(bundled, largest_frame);
}

// Without a session there is nobody to send it to, and by the next one it will be old.
void Peer::drop_waiting() {
  std::uint64_t packets = 0;
  for (auto& traffic : classes_)
    if (traffic.queue) packets += traffic.queue->clear();
  for (auto& path : paths_) {
    if (!path) continue;
    packets += path->lane.size() + (path->own_queue ? path->own_queue->clear() : 0);
    path->lane.clear();
    path->again.clear();
    path->path.committed = {};
  }
  out_.drops.count(base::DropReason::kPeerDown, packets);
}

// A new session counts its flows' packets anew: those that wait with a number get another, in their order.
// Copies of one packet would no longer have the same.
void Peer::renumber_waiting() {
  std::vector<outbound::Waiting*> waiting;
  for (auto& path : paths_) {
    if (!path) continue;
    if (path->own_queue) out_.drops.count(base::DropReason::kPeerDown, path->own_queue->clear_numbered());
    for (auto& packet : path->lane) waiting.push_back(&packet);
  }
  std::ranges::sort(waiting, [](const auto* a, const auto* b) {
    if (a->bucket != b->bucket) return a->bucket < b->bucket;
    return static_cast<std::int32_t>(a->sequence->value - b->sequence->value) < 0;
  });
  for (auto* packet : waiting) packet->sequence = current_->next_sequence(packet->bucket);
}

void Peer::settle(base::Instant now) {
  drain(now);
  flush(now);
  if (former_) former_->resequencer.keep();
  if (current_) current_->resequencer.keep();
  ended_before_ = std::exchange(ended_, {});
}

void Peer::flush(base::Instant now) {
  auto* path = std::exchange(bundle_path_, nullptr);
  if (path != nullptr) seal_on(*path, bundle_->take(), keep_on(*path, now), now);
}

void Peer::send_fragments(const base::InnerPacket& inner, base::FlowBucket bucket, TrafficClass& traffic,
                          base::Instant now) {
  const base::ByteSpan packet = inner.bytes;
  const auto plan = outbound::plan_fragments({packet.size()}, traffic.scheduler.largest_in_use());
  if (!plan || plan->piece > inbound::Reassembler::kMaxPacket) {
    out_.drops.count(base::DropReason::kTooBig);
    return;
  }
  flush(now);
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
    const auto choice = traffic.scheduler.choose(bucket, {piece.size()}, outbound::Pace::kBulk, now);
    if (choice.empty()) return out_.drops.count(base::DropReason::kPeerDown);
    header.flags = wire::FragmentPosition{number, number + 1 == plan->count}.to_flags();
    header.serialize(std::span(frame).first<wire::DataHeader::kSize>());
    base::copy_bytes(piece, std::span(frame).subspan(wire::DataHeader::kSize));
    seal_on(*choice.front(), base::ConstByteSpan(frame).first(wire::DataHeader::kSize + piece.size()),
            Keep::kYes, now);
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
  out_.pass({kept}, *wire::IpPacket::parse(kept));
}

// An inner packet's frame: what is needed to learn how it fared is noted.
void Peer::seal_on(link::Path& path, base::ConstByteSpan frame, Keep keep, base::Instant now) {
  auto& sent = seal_bare(path, frame, now);
  path.last_inner_sent = now;
  path.unreported += {frame.size()};
  if (keep == Keep::kYes) sent.frame = out_.buffers.copy_of(frame);
  if (keep == Keep::kElsewhere) return;
  auto& awaited = paths_[path.id.value]->awaited;
  awaited.newest = sent.counter;
  if (!awaited.is_any()) awaited.since = now;
}

outbound::SentDatagram& Peer::seal_bare(link::Path& path, base::ConstByteSpan frame, base::Instant now) {
  const auto counter = outbound::seal(current_->session, path.id, *path.route, frame, out_.transmit);
  const base::Bytes payload{frame.size() + outbound::kSealOverhead};
  const base::Bytes whole{payload.value + base::outer_overhead(path.route->remote.address.family())};
  path.tx.add(1, whole, now);
  path.pacer.note_sent(whole, now);
  auto& held = *paths_[path.id.value];
  auto& sent = held.sent.add(counter, payload, whole, now, out_.buffers);
  const bool is_held_back = path.committed.value > 0 || has_waiting_for(held);
  sent.was_limited = is_held_back && path.pacer.rate() > base::BitRate{};
  return sent;
}

}  // namespace sennit::tunnel
