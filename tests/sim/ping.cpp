#include "sim/ping.hpp"

#include <algorithm>

#include "wire/bytes.hpp"

namespace sennit::sim {

Ping::Ping(Network& network, Device& from, Device& to, std::uint16_t number, base::Duration interval)
    : network_(network),
      from_(from),
      to_(to),
      near_{from.inner_v4, number},
      far_{to.inner_v4, number},
      interval_(interval) {
  to.on_inner([this](base::ConstByteSpan packet) { answer(packet); });
  from.on_inner([this](base::ConstByteSpan packet) { receive(packet); });
}

void Ping::start(std::uint64_t count) {
  remaining_ = count;
  last_answer_ = network_.now().monotonic;
  tick();
}

void Ping::reset() {
  counters_ = {};
  times_.clear();
  waiting_.clear();
  last_answer_ = network_.now().monotonic;
}

PingCounters Ping::counters() const {
  auto counters = counters_;
  counters.longest_silence = std::max(counters.longest_silence, network_.now().monotonic - last_answer_);
  return counters;
}

void Ping::tick() {
  if (remaining_ == 0) return;
  --remaining_;
  std::vector<std::uint8_t> payload(56);
  wire::Writer(payload).u64(next_);
  waiting_[next_++] = network_.now().monotonic;
  ++counters_.sent;
  from_.send_inner({InnerUdp{near_, far_, payload}.serialize()});
  network_.after(interval_, [this] { tick(); });
}

void Ping::answer(base::ConstByteSpan packet) {
  const auto udp = InnerUdp::parse(packet);
  if (!udp || udp->destination != far_) return;
  to_.send_inner({InnerUdp{udp->destination, udp->source, udp->payload}.serialize()});
}

void Ping::receive(base::ConstByteSpan packet) {
  const auto udp = InnerUdp::parse(packet);
  if (!udp || udp->destination != near_) return;
  const auto request = waiting_.find(wire::Reader(udp->payload).u64());
  if (request == waiting_.end()) return;
  const auto now = network_.now().monotonic;
  const auto took = now - request->second;
  waiting_.erase(request);
  ++counters_.answered;
  times_.add(base::to_milliseconds(took));
  counters_.longest_silence = std::max(counters_.longest_silence, now - last_answer_);
  last_answer_ = now;
  counters_.least = std::min(counters_.least, took);
  counters_.most = std::max(counters_.most, took);
}

}  // namespace sennit::sim
