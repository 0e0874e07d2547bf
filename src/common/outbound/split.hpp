// A superpacket of the kernel -> the packets that it stands for, each made in place: headers rewritten in
// front of its share of the payload, over the tail of the packet before, which must have been sealed by then.
// First step of outbound for what the TUN device brings with an Offload; the packets are those that Linux
// itself would put on a wire (sequence, flags, IP id, lengths, checksums), but for checksums left open.
// Invariant: base::kHeadroom writable bytes lie in front of each; nothing is read or written outside the
// superpacket and its headroom, for any input. Reasons: docs/performance.md, "Superpackets".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/packet.hpp"
#include "wire/ip.hpp"

namespace sennit::outbound {

class Splitter {
 public:
  // `ip` was parsed from `packet`. None: the Offload does not fit the packet.
  static std::optional<Splitter> make(const base::OutboundPacket& packet, const wire::IpPacket& ip);

  // How many packets there are in all, and the bytes of the largest, which is the first.
  std::size_t count() const { return count_; }
  std::size_t largest() const;
  // Packets of more than `size` bytes keep a checksum open that the kernel left open.
  void leave_open_above(std::size_t size) { largest_complete_ = size; }
  // The next packet, valid until the next call; empty when there is none left.
  base::InnerPacket next();

 private:
  // Headers of IP and transport: the largest of IPv4 are 120 bytes.
  static constexpr std::size_t kMaxHeaders = 256;

  explicit Splitter(const base::OutboundPacket& packet) : bytes_(packet.bytes), offload_(packet.offload) {}
  bool fits(const wire::IpPacket& ip);
  void prepare(const wire::IpPacket& ip);
  base::InnerPacket next_segment();
  base::Checksum checksum_of(std::size_t size) const;
  void write_ip_header(base::ByteSpan packet) const;
  void write_tcp_header(base::ByteSpan packet) const;
  void write_udp_header(base::ByteSpan packet) const;
  std::uint16_t checksum(base::ConstByteSpan packet, std::uint32_t changing_words) const;

  base::ByteSpan bytes_;
  base::Offload offload_;
  std::size_t count_ = 1;
  std::size_t next_ = 0;
  std::size_t headers_size_ = 0;
  std::size_t largest_complete_ = std::numeric_limits<std::size_t>::max();
  bool may_be_open_ = false;
  bool is_v4_ = false;
  std::uint8_t tcp_flags_ = 0;
  std::uint8_t protocol_ = 0;
  std::uint16_t ipv4_id_ = 0;
  std::uint32_t tcp_sequence_ = 0;
  // Running sums of what is the same in every packet: of the IPv4 header, of the pseudo-header, and of pseudo
  // and transport header.
  std::uint32_t ip_sum_ = 0;
  std::uint32_t pseudo_sum_ = 0;
  std::uint32_t transport_sum_ = 0;
  // The original headers, with zeros where packets differ. Left alone until there is something to cut.
  std::array<std::uint8_t, kMaxHeaders> headers_;
};

}  // namespace sennit::outbound
