#include <chrono>

#include "sim/inner_tcp.hpp"
#include "sim/transfer_format.hpp"

namespace sennit::sim {

namespace {

constexpr std::uint32_t kFirst = 1;                 // behind the SYN
constexpr std::uint16_t kWindow = 6'291'456 >> 7U;  // tcp_rmem's default limit, scaled

class TcpFormat : public TransferFormat {
 public:
  TcpFormat(const base::SocketAddress& own, const base::SocketAddress& other, std::size_t payload)
      : own_(own), other_(other), payload_(payload) {}

  Bytes write(const Segment& segment) override {
    const std::uint8_t reduced = segment.is_window_reduced ? InnerTcp::kCwr : 0;
    return InnerTcp{.source = own_,
                    .destination = other_,
                    .sequence = sequence_of(segment.place),
                    .acknowledged = kFirst,
                    .flags = static_cast<std::uint8_t>(InnerTcp::kAck | reduced),
                    .window = kWindow,
                    .stamp = segment.stamp,
                    .payload_size = payload_,
                    .tag = segment.transmission,
                    .ecn = segment.ecn}
        .serialize();
  }

  Bytes write(const Acknowledgement& acknowledgement) override {
    const std::uint8_t congested = acknowledgement.is_congested ? InnerTcp::kEce : 0;
    InnerTcp tcp{.source = own_,
                 .destination = other_,
                 .sequence = kFirst,
                 .acknowledged = sequence_of(acknowledgement.next),
                 .flags = static_cast<std::uint8_t>(InnerTcp::kAck | congested),
                 .window = kWindow,
                 .stamp = acknowledgement.echo,
                 .echo = acknowledgement.echo};
    if (const auto twice = acknowledgement.duplicate)
      tcp.blocks.emplace_back(sequence_of(*twice), sequence_of(*twice + 1));
    for (const auto& [first, end] : acknowledgement.ranges)
      tcp.blocks.emplace_back(sequence_of(first), sequence_of(end));
    return tcp.serialize();
  }

  std::optional<Segment> read_segment(base::ConstByteSpan packet) override {
    const auto tcp = parse(packet);
    if (!tcp || tcp->payload_size != payload_) return std::nullopt;
    return Segment{place_of(tcp->sequence), tcp->tag, tcp->stamp, (tcp->flags & InnerTcp::kCwr) != 0,
                   tcp->ecn};
  }

  std::optional<Acknowledgement> read_acknowledgement(base::ConstByteSpan packet) override {
    const auto tcp = parse(packet);
    if (!tcp || tcp->payload_size > 0 || (tcp->flags & InnerTcp::kAck) == 0) return std::nullopt;
    Acknowledgement acknowledgement{.next = place_of(tcp->acknowledged),
                                    .echo = tcp->echo,
                                    .is_congested = (tcp->flags & InnerTcp::kEce) != 0};
    for (const auto& [first, end] : tcp->blocks) {
      acknowledgement.ranges.push_back({place_of(first), place_of(end)});
    }
    take_duplicate(acknowledgement);
    return acknowledgement;
  }

 private:
  std::optional<InnerTcp> parse(base::ConstByteSpan packet) const {
    auto tcp = InnerTcp::parse(packet);
    const bool is_ours = tcp && tcp->source == other_ && tcp->destination == own_;
    return is_ours && (tcp->flags & InnerTcp::kSyn) == 0 ? std::move(tcp) : std::nullopt;
  }

  // RFC 2883: the first block lies below the acknowledgement, or within the second.
  static void take_duplicate(Acknowledgement& acknowledgement) {
    auto& ranges = acknowledgement.ranges;
    if (ranges.empty()) return;
    const auto first = ranges.front();
    const bool is_below = first.end <= acknowledgement.next;
    const bool is_within = ranges.size() > 1 && first.first >= ranges[1].first && first.end <= ranges[1].end;
    if (!is_below && !is_within) return;
    acknowledgement.duplicate = first.first;
    ranges.erase(ranges.begin());
  }

  std::uint32_t sequence_of(std::uint64_t place) const {
    return static_cast<std::uint32_t>(kFirst + place * payload_);
  }

  // The place nearest to the last one seen; sequence numbers wrap.
  std::uint64_t place_of(std::uint32_t sequence) {
    const auto distance = static_cast<std::int32_t>(sequence - sequence_of(near_));
    const auto places = distance / static_cast<std::int64_t>(payload_);
    near_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(near_) + places);
    return near_;
  }

  base::SocketAddress own_;
  base::SocketAddress other_;
  std::size_t payload_;
  std::uint64_t near_ = 0;
};

}  // namespace

std::unique_ptr<TransferFormat> make_tcp_format(const base::SocketAddress& own,
                                                const base::SocketAddress& other, std::size_t payload) {
  return std::make_unique<TcpFormat>(own, other, payload);
}

}  // namespace sennit::sim
