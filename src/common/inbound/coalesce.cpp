// Theory of operation: every packet goes to packets_, or, when it joins a run, as a view to later_. At the
// end the views are put together run by run, and each run's first packet becomes the superpacket. A flow has
// at most one open run; whatever else comes from it closes that, so that nothing overtakes. A packet whose
// flow cannot be told (a fragment, a cut-off header) closes all runs between its addresses.
#include "inbound/coalesce.hpp"

#include <algorithm>
#include <cstring>

#include "wire/header_fields.hpp"
#include "wire/open_checksum.hpp"

namespace sennit::inbound {
namespace {

using wire::IpProtocol;

constexpr std::size_t kMaxSegments = 64;  // what every kernel takes (UDP_MAX_SEGMENTS)
constexpr std::size_t kMaxSize = 0xFFFF;  // of an IP packet

}  // namespace

void Coalescer::add(const base::InnerPacket& packet, const wire::IpPacket& ip) {
  const bool has_known_flow = ip.transport_offset != 0 && !ip.is_fragment;
  if (what_ == Coalescing::kOff || (has_known_flow && !is_wanted(ip.protocol))) {
    add_alone(packet, ip);
    return;
  }
  const Flow flow = flow_of(packet.bytes, ip);
  if (const auto segment = has_known_flow ? Segment::parse(packet, ip) : std::nullopt) {
    add_segment(*segment, flow);
    return;
  }
  add_alone(packet, ip);
  if (has_known_flow) {
    close(flow);
  } else {
    close_between(flow);
  }
}

void Coalescer::add_alone(const base::InnerPacket& packet, const wire::IpPacket& ip) {
  packets_.push_back({.bytes = packet.bytes});
  if (packet.checksum == base::Checksum::kComplete) return;
  const base::Offload offload = *wire::open_checksum(ip);
  if (what_ == Coalescing::kOff) {
    wire::complete_checksum(packet.bytes, offload, ip.protocol);
  } else {
    packets_.back().offload = offload;
  }
}

bool Coalescer::is_wanted(std::uint8_t protocol) const {
  switch (IpProtocol{protocol}) {
    case IpProtocol::kTcp: return true;
    case IpProtocol::kUdp: return what_ == Coalescing::kTcpAndUdp;
    default: return false;
  }
}

Coalescer::Flow Coalescer::flow_of(base::ConstByteSpan packet, const wire::IpPacket& ip) {
  Flow flow;
  const std::uint64_t version = packet[0] >> 4U;
  flow.endpoints = version << 40U | std::uint64_t{ip.protocol} << 32U | std::uint64_t{ip.source_port} << 16U |
                   ip.destination_port;
  const bool is_v4 = ip.source.family() == base::Family::kV4;
  const base::ConstByteSpan addresses =
      is_v4 ? packet.subspan(wire::kIpv4Addresses, 8) : packet.subspan(wire::kIpv6Addresses, 32);
  std::memcpy(flow.addresses.data(), addresses.data(), addresses.size());
  return flow;
}

void Coalescer::add_segment(const Segment& segment, const Flow& flow) {
  OpenRun* open = find(flow);
  if (open != nullptr && open->run != kNoRun && joins(segment, runs_[open->run])) {
    append(segment, *open);
    return;
  }
  packets_.push_back({.bytes = segment.packet(), .offload = segment.offload_alone()});
  if (segment.is_pushed()) {
    if (open != nullptr) open->run = kNoRun;
    return;
  }
  if (open == nullptr) {
    open = &open_[oldest_];
    oldest_ = (oldest_ + 1) % kMaxFlows;
  }
  *open = {.flow = flow, .run = runs_.size()};
  runs_.push_back({.first = segment, .place = packets_.size() - 1, .size = segment.packet().size()});
}

bool Coalescer::joins(const Segment& segment, Run& run) {
  const bool has_room = run.count < kMaxSegments && run.size + segment.payload().size() <= kMaxSize;
  if (!has_room || !segment.continues(run.first, run.count)) return false;
  if (!run.sums) {
    run.sums = run.first.sums();
    run.first_is_valid = run.first.has_valid_checksums(*run.sums);
  }
  return run.first_is_valid && segment.has_valid_checksums(*run.sums);
}

void Coalescer::append(const Segment& segment, OpenRun& open) {
  Run& run = runs_[open.run];
  later_.push_back({.run = open.run, .bytes = segment.payload()});
  run.size += segment.payload().size();
  ++run.count;
  run.ends_with_push = segment.is_pushed();
  const bool is_last = run.ends_with_push || segment.payload().size() < run.first.payload().size();
  if (is_last) open.run = kNoRun;
}

Coalescer::OpenRun* Coalescer::find(const Flow& flow) {
  const auto found = std::ranges::find(open_, flow, &OpenRun::flow);
  return found == open_.end() ? nullptr : &*found;
}

void Coalescer::close(const Flow& flow) {
  if (OpenRun* open = find(flow)) open->run = kNoRun;
}

void Coalescer::close_between(const Flow& flow) {
  for (OpenRun& open : open_) {
    if (open.flow.addresses == flow.addresses) open.run = kNoRun;
  }
}

std::span<const base::InboundPacket> Coalescer::finish() {
  open_.fill({});
  lay_out_views();
  for (const Run& run : runs_) {
    if (run.count == 1) continue;
    const std::size_t later = run.count - 1;
    packets_[run.place].more = std::span(views_).subspan(run.views_end - later, later);
    packets_[run.place].offload = run.first.make_superpacket(run.size, run.ends_with_push);
  }
  return packets_;
}

void Coalescer::lay_out_views() {
  views_.resize(later_.size());
  std::size_t begin = 0;
  for (Run& run : runs_) {
    run.views_end = begin;
    begin += run.count - 1;
  }
  for (const LaterPayload& later : later_) views_[runs_[later.run].views_end++] = later.bytes;
}

void Coalescer::clear() {
  open_.fill({});
  packets_.clear();
  runs_.clear();
  later_.clear();
}

}  // namespace sennit::inbound
