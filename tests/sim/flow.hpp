// An application that sends UDP packets at a constant rate from one host to another, and judges what arrives.
// Every payload follows from the flow's number and the packet's, so that each delivered byte is checked.
// Invariant: sent = delivered + lost + what is under way; duplicates and corrupted packets are counted apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_set>

#include "sim/device.hpp"
#include "sim/inner_udp.hpp"
#include "sim/network.hpp"

namespace sennit::sim {

struct FlowShape {
  base::Family family = base::Family::kV4;
  base::Duration interval = std::chrono::milliseconds(10);
  std::size_t packet_size = 1000;  // the whole inner packet
  std::size_t batch = 1;           // packets an interval
};

struct FlowCounters {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t out_of_order = 0;
  base::Duration longest_silence{};  // between two deliveries, or since the last one
  base::Duration longest_delay{};
};

class Flow {
 public:
  // `number` tells flows apart: it is the port of both ends.
  Flow(Network& network, Device& from, Device& to, std::uint16_t number, const FlowShape& shape);
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  // Sends from now on; `count` batches or until stopped.
  void start(std::uint64_t count = ~std::uint64_t{0});
  void stop() { remaining_ = 0; }
  // Counts until now, silence under way included.
  FlowCounters counters() const;
  // Begins to count anew; packets sent before no longer count when they arrive.
  void reset();
  std::uint64_t lost() const { return counters_.sent - counters_.delivered; }

 private:
  std::vector<std::uint8_t> payload_of(std::uint64_t sequence, base::Instant sent_at) const;
  void tick();
  void receive(base::ConstByteSpan packet);
  void judge(const InnerUdp& udp);
  void note_delivery(std::uint64_t sequence, base::Instant sent_at);

  Network& network_;
  Device& from_;
  base::SocketAddress source_;
  base::SocketAddress destination_;
  FlowShape shape_;
  std::uint64_t remaining_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t first_counted_ = 0;
  std::uint64_t highest_ = 0;
  std::unordered_set<std::uint64_t> seen_;
  base::Instant last_delivery_;
  FlowCounters counters_;
};

}  // namespace sennit::sim
