#include "sim/flow.hpp"

#include <algorithm>
#include <span>

#include "wire/bytes.hpp"

namespace sennit::sim {

namespace {

constexpr std::size_t kStamp = 16;  // sequence and time in front of the payload

base::SocketAddress inner_address(const Device& device, base::Family family, std::uint16_t port) {
  return {family == base::Family::kV6 ? device.inner_v6 : device.inner_v4, port};
}

}  // namespace

Flow::Flow(Network& network, Device& from, Device& to, std::uint16_t number, const FlowShape& shape)
    : network_(network),
      from_(from),
      source_(inner_address(from, shape.family, number)),
      destination_(inner_address(to, shape.family, number)),
      shape_(shape) {
  to.on_inner([this](base::ConstByteSpan packet) { receive(packet); });
}

void Flow::start(std::uint64_t count) {
  last_delivery_ = network_.now().monotonic;
  remaining_ = count;
  tick();
}

void Flow::reset() {
  counters_ = {};
  seen_.clear();
  first_counted_ = next_;
  last_delivery_ = network_.now().monotonic;
}

std::vector<std::uint8_t> Flow::payload_of(std::uint64_t sequence, base::Instant sent_at) const {
  std::vector<std::uint8_t> payload(std::max(shape_.packet_size - InnerUdp::overhead(shape_.family), kStamp));
  wire::Writer out(payload);
  out.u64(sequence);
  out.u64(static_cast<std::uint64_t>(sent_at.time_since_epoch().count()));
  base::Rng noise(sequence << 16U | source_.port);
  std::ranges::generate(std::span(payload).subspan(kStamp),
                        [&] { return static_cast<std::uint8_t>(noise()); });
  return payload;
}

void Flow::tick() {
  if (remaining_ == 0) return;
  --remaining_;
  std::vector<Device::Bytes> packets;
  for (std::size_t i = 0; i < shape_.batch; ++i) {
    packets.push_back(
        InnerUdp{source_, destination_, payload_of(next_++, network_.now().monotonic)}.serialize());
  }
  counters_.sent += shape_.batch;
  from_.send_inner(std::move(packets));
  network_.after(shape_.interval, [this] { tick(); });
}

void Flow::receive(base::ConstByteSpan packet) {
  const auto udp = InnerUdp::parse(packet);
  if (udp && udp->destination == destination_ && udp->source == source_) judge(*udp);
}

void Flow::judge(const InnerUdp& udp) {
  wire::Reader in(udp.payload);
  const auto sequence = in.u64();
  const base::Instant sent_at{base::Duration(static_cast<std::int64_t>(in.u64()))};
  if (!in.ok() || udp.payload != payload_of(sequence, sent_at)) {
    ++counters_.corrupted;
    return;
  }
  if (sequence >= first_counted_) note_delivery(sequence, sent_at);
}

void Flow::note_delivery(std::uint64_t sequence, base::Instant sent_at) {
  if (!seen_.insert(sequence).second) {
    ++counters_.duplicated;
    return;
  }
  const auto now = network_.now().monotonic;
  ++counters_.delivered;
  if (sequence < highest_) ++counters_.out_of_order;
  highest_ = std::max(highest_, sequence);
  counters_.longest_silence = std::max(counters_.longest_silence, now - last_delivery_);
  counters_.longest_delay = std::max(counters_.longest_delay, now - sent_at);
  last_delivery_ = now;
}

FlowCounters Flow::counters() const {
  FlowCounters counters = counters_;
  counters.longest_silence = std::max(counters.longest_silence, network_.now().monotonic - last_delivery_);
  return counters;
}

}  // namespace sennit::sim
