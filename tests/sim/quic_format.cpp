#include "sim/inner_tcp.hpp"
#include "sim/inner_udp.hpp"
#include "sim/transfer_format.hpp"
#include "wire/bytes.hpp"

namespace sennit::sim {

namespace {

// Short header with connection id and packet number, stream frame, tag.
constexpr std::size_t kQuicOverhead = 38;
constexpr std::uint64_t kLongest = 0xFFFF;  // range or gap

enum Kind : std::uint8_t { kSegment = 1, kAcknowledgement = 2 };

class QuicFormat : public TransferFormat {
 public:
  QuicFormat(const base::SocketAddress& own, const base::SocketAddress& other, std::size_t payload)
      : own_(own), other_(other), size_(payload + kQuicOverhead) {}

  Bytes write(const Segment& segment) override {
    Bytes bytes(size_);
    wire::Writer out(bytes);
    out.u8(kSegment);
    out.u64(segment.place);
    out.u64(segment.transmission);
    return InnerUdp{own_, other_, std::move(bytes), segment.ecn}.serialize();
  }

  // The highest range's end, then lengths and gaps from there down.
  Bytes write(const Acknowledgement& acknowledgement) override {
    const auto& ranges = acknowledgement.ranges;
    Bytes bytes(kQuicOverhead + 4 * ranges.size());
    wire::Writer out(bytes);
    out.u8(kAcknowledgement);
    out.u8(acknowledgement.is_congested ? 1 : 0);
    out.u64(ranges.front().end);
    std::uint64_t above = ranges.front().end;
    for (const auto& [first, end] : ranges) {
      if (above - end > kLongest) break;
      out.u16(static_cast<std::uint16_t>(above - end));
      out.u16(static_cast<std::uint16_t>(std::min(end - first, kLongest)));
      above = first;
    }
    return InnerUdp{own_, other_, std::move(bytes)}.serialize();
  }

  std::optional<Segment> read_segment(base::ConstByteSpan packet) override {
    const auto udp = parse(packet);
    if (!udp) return std::nullopt;
    wire::Reader in(udp->payload);
    if (in.u8() != kSegment) return std::nullopt;
    Segment segment{.place = in.u64()};
    segment.transmission = in.u64();
    segment.ecn = udp->ecn;
    return segment;
  }

  std::optional<Acknowledgement> read_acknowledgement(base::ConstByteSpan packet) override {
    const auto udp = parse(packet);
    if (!udp) return std::nullopt;
    wire::Reader in(udp->payload);
    if (in.u8() != kAcknowledgement) return std::nullopt;
    Acknowledgement acknowledgement{.is_congested = in.u8() != 0};
    auto above = in.u64();
    while (in.rest().size() >= 4) {
      const auto end = above - in.u16();
      const auto length = in.u16();
      if (length == 0) break;
      above = end - length;
      acknowledgement.ranges.push_back({above, end});
    }
    return acknowledgement;
  }

 private:
  std::optional<InnerUdp> parse(base::ConstByteSpan packet) const {
    auto udp = InnerUdp::parse(packet);
    const bool is_ours = udp && udp->source == other_ && udp->destination == own_;
    return is_ours ? std::move(udp) : std::nullopt;
  }

  base::SocketAddress own_;
  base::SocketAddress other_;
  std::size_t size_;
};

}  // namespace

std::unique_ptr<TransferFormat> make_quic_format(const base::SocketAddress& own,
                                                 const base::SocketAddress& other, std::size_t payload) {
  return std::make_unique<QuicFormat>(own, other, payload);
}

std::size_t format_overhead(Protocol protocol, base::Family family) {
  return protocol == Protocol::kTcp ? InnerTcp::overhead(family) : InnerUdp::overhead(family) + kQuicOverhead;
}

}  // namespace sennit::sim
