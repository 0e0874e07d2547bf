// A coalescer with the packets that it was given, and the packets of one side of a connection.
#pragma once

#include <gtest/gtest.h>

#include <list>
#include <vector>

#include "inbound/coalesce.hpp"
#include "property/cutting.hpp"

namespace sennit::inbound {

using base::Checksum;
using base::Offload;
using base::Segmentation;
using reference::Bytes;
using reference::Look;
using reference::Transport;
using reference::Version;

inline constexpr std::size_t kSegment = 100;

// A coalescer with packets that live as long as it does.
class Batch {
 public:
  explicit Batch(Coalescing what = Coalescing::kTcpAndUdp) : coalescer_(what) {}

  void add(const Bytes& packet, Checksum checksum = Checksum::kComplete) {
    Bytes& kept = kept_.emplace_back(packet);
    const auto ip = wire::IpPacket::parse(kept);
    ASSERT_TRUE(ip);
    coalescer_.add({kept, checksum}, *ip);
  }

  std::vector<base::InboundPacket> finish() {
    const auto packets = coalescer_.finish();
    return {packets.begin(), packets.end()};
  }

  // Of how many packets each item is made.
  std::vector<std::size_t> counts() {
    std::vector<std::size_t> counts;
    for (const base::InboundPacket& packet : finish()) counts.push_back(packet.more.size() + 1);
    return counts;
  }

  void clear() {
    coalescer_.clear();
    kept_.clear();
  }

 private:
  Coalescer coalescer_;
  std::list<Bytes> kept_;
};

// The look of the packet that follows `index` full ones.
inline Look at(Look look, std::size_t index, std::size_t segment = kSegment) {
  look.id = static_cast<unsigned>(look.id + index) & 0xFFFFU;
  look.sequence += static_cast<unsigned>(index * segment);
  return look;
}

inline Bytes packet(const Look& look, std::size_t payload = kSegment) {
  return reference::packet_of(look, Bytes(payload, 0x5A));
}

using Counts = std::vector<std::size_t>;

inline const Look kTcp4 = {.tcp_options = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}};
inline const Look kTcp6 = {.version = Version::kV6, .tcp_options = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}};
inline const Look kUdp4 = {.transport = Transport::kUdp};
inline const Look kUdp6 = {.version = Version::kV6, .transport = Transport::kUdp};

}  // namespace sennit::inbound
