// Inner packets for benchmarks: plain UDP over IPv4, with the headroom that the data path asks for.
// A batch is consumed by what is measured (headers are written into it), so it is refilled from a pristine
// copy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace sennit::bench {

inline constexpr std::size_t kBatch = 64;

inline std::vector<std::uint8_t> udp_packet(const base::IpAddress& source, const base::IpAddress& destination,
                                            std::uint16_t port, std::size_t size) {
  constexpr std::size_t kIpHeader = 20;
  std::vector<std::uint8_t> packet(size);
  wire::Writer out(packet);
  out.u16(0x4500);
  out.u16(static_cast<std::uint16_t>(size));
  out.u32(0x0000'4000);  // DF
  out.u8(64);
  out.u8(17);
  out.u16(0);
  out.bytes(source.bytes());
  out.bytes(destination.bytes());
  out.u16(port);
  out.u16(port);
  out.u16(static_cast<std::uint16_t>(size - kIpHeader));
  const auto checksum =
      wire::checksum_finish(wire::checksum_add(base::ConstByteSpan(packet).first(kIpHeader), 0));
  wire::Writer(base::ByteSpan(packet).subspan(10)).u16(checksum);
  return packet;
}

class Batch {
 public:
  // One packet more; all are of one size.
  void add(const std::vector<std::uint8_t>& packet) {
    stride_ = base::kHeadroom + packet.size();
    pristine_.resize(pristine_.size() + base::kHeadroom);
    pristine_.insert(pristine_.end(), packet.begin(), packet.end());
  }

  // The packets as they were added.
  std::span<const base::OutboundPacket> refill() {
    slab_ = pristine_;
    packets_.clear();
    for (std::size_t at = 0; at < slab_.size(); at += stride_) {
      packets_.push_back({base::ByteSpan(slab_).subspan(at + base::kHeadroom, stride_ - base::kHeadroom)});
    }
    return packets_;
  }

 private:
  std::size_t stride_ = 0;
  std::vector<std::uint8_t> pristine_;
  std::vector<std::uint8_t> slab_;
  std::vector<base::OutboundPacket> packets_;
};

}  // namespace sennit::bench
