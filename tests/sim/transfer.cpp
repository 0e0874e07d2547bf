#include "sim/transfer.hpp"

#include <algorithm>
#include <utility>

#include "sim/bbr_like.hpp"
#include "sim/cubic.hpp"

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kReceiveBuffer = 6'291'456;  // tcp_rmem's default limit
constexpr std::size_t kTimestampOption = 12;

std::unique_ptr<CongestionControl> make_control(TransferKind kind, std::uint64_t seed) {
  switch (kind) {
    case TransferKind::kCubic: return std::make_unique<Cubic>(Pacing::kNone);
    case TransferKind::kBbr: return std::make_unique<BbrLike>(seed);
    case TransferKind::kQuic: return std::make_unique<Cubic>(Pacing::kPaced);
  }
  return nullptr;
}

std::uint16_t mss_of(const Device& device) {
  return static_cast<std::uint16_t>(device.inner_mtu().value - 40U);
}

}  // namespace

std::string_view to_string(TransferKind kind) {
  switch (kind) {
    case TransferKind::kCubic: return "cubic";
    case TransferKind::kBbr: return "bbr";
    case TransferKind::kQuic: return "quic";
  }
  return "unknown";
}

Transfer::Transfer(Network& network, Device& from, Device& to, std::uint16_t number, TransferKind kind)
    : network_(network),
      from_(from),
      to_(to),
      source_{from.inner_v4, number},
      destination_{to.inner_v4, number},
      kind_(kind),
      sender_(network, protocol(), make_control(kind, number),
              [this](const std::vector<Segment>& segments) { emit(segments); }),
      receiver_(network, protocol(),
                [this](const Acknowledgement& acknowledgement) {
                  to_.send_inner({receiver_format_->write(acknowledgement)});
                }),
      connect_timer_(network, [this] { connect(); }) {
  from.on_inner([this](base::ConstByteSpan packet) { at_sender(packet); });
  to.on_inner([this](base::ConstByteSpan packet) { at_receiver(packet); });
}

void Transfer::start() {
  counted_from_ = network_.now().monotonic;
  if (kind_ == TransferKind::kQuic)
    begin(from_.inner_mtu().value - format_overhead(Protocol::kQuic, base::Family::kV4));
  else
    connect();
}

void Transfer::stop() {
  is_stopped_ = true;
  connect_timer_.set(base::kNever);
  sender_.stop();
}

void Transfer::reset() {
  counted_from_ = network_.now().monotonic;
  counted_segments_ = receiver_.in_order();
  receiver_.reset();
}

base::BitRate Transfer::goodput() const {
  const auto segments = receiver_.in_order() - counted_segments_;
  return base::rate_of({segments * payload_}, network_.now().monotonic - counted_from_);
}

base::Bytes Transfer::packet_size() const {
  return {payload_ == 0 ? 0 : payload_ + format_overhead(protocol(), base::Family::kV4)};
}

void Transfer::connect() {
  if (is_stopped_) return;
  from_.send_inner(
      {InnerTcp{.source = source_, .destination = destination_, .flags = InnerTcp::kSyn, .mss = mss_of(from_)}
           .serialize()});
  connect_timer_.set(network_.now().monotonic + 1s);
}

void Transfer::begin(std::size_t payload) {
  payload_ = payload;
  const auto make = kind_ == TransferKind::kQuic ? make_quic_format : make_tcp_format;
  sender_format_ = make(source_, destination_, payload);
  receiver_format_ = make(destination_, source_, payload);
  connect_timer_.set(base::kNever);
  sender_.start(kReceiveBuffer / payload);
}

// Of either side: the answer, or the answer's arrival.
void Transfer::take_syn(const InnerTcp& tcp) {
  const bool is_answer = (tcp.flags & InnerTcp::kAck) != 0;
  if (is_answer && tcp.destination == source_ && payload_ == 0) {
    begin(std::min(tcp.mss, mss_of(from_)) - kTimestampOption);
  }
  if (is_answer || tcp.destination != destination_) return;
  to_.send_inner({InnerTcp{.source = destination_,
                           .destination = source_,
                           .acknowledged = 1,
                           .flags = InnerTcp::kSyn | InnerTcp::kAck,
                           .mss = mss_of(to_)}
                      .serialize()});
}

void Transfer::at_sender(base::ConstByteSpan packet) {
  if (payload_ == 0) {
    const auto tcp = InnerTcp::parse(packet);
    if (tcp && (tcp->flags & InnerTcp::kSyn) != 0) take_syn(*tcp);
  } else if (const auto acknowledgement = sender_format_->read_acknowledgement(packet)) {
    sender_.receive(*acknowledgement);
  }
}

void Transfer::at_receiver(base::ConstByteSpan packet) {
  if (payload_ == 0) {
    const auto tcp = InnerTcp::parse(packet);
    if (tcp && (tcp->flags & InnerTcp::kSyn) != 0) take_syn(*tcp);
  } else if (const auto segment = receiver_format_->read_segment(packet)) {
    receiver_.receive(*segment);
  }
}

void Transfer::emit(const std::vector<Segment>& segments) {
  std::vector<Device::Bytes> packets;
  for (const auto& segment : segments) packets.push_back(sender_format_->write(segment));
  from_.send_inner(std::move(packets));
}

}  // namespace sennit::sim
