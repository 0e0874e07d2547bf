// An inner packet as a part of a superpacket: what may be one, what continues another, and the headers of the
// whole. Used by coalesce alone, which holds the state. Mirrors what outbound/split does to headers.
// Invariant: IPv4 without options or IPv6 without extension headers, then TCP or UDP, all within the packet,
// with a payload; no fragment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/packet.hpp"
#include "wire/ip.hpp"

namespace sennit::inbound {

class Segment {
 public:
  // None: cannot be a part of any superpacket. `ip` was parsed from `packet`, all of it.
  static std::optional<Segment> parse(const base::InnerPacket& packet, const wire::IpPacket& ip);

  base::ByteSpan packet() const { return packet_; }
  base::ByteSpan payload() const { return packet_.subspan(headers_size_); }
  // TCP's PSH: no packet of the same superpacket follows.
  bool is_pushed() const;
  // Whether its headers are those that packet `index` of the superpacket that begins with `first` would have;
  // the flow is known to be the same, the checksums are not looked at.
  bool continues(const Segment& first, std::size_t index) const;
  // The sums of what is the same in every packet of a superpacket.
  struct Sums {
    std::uint32_t ip = 0;      // of the IPv4 header but length, id and checksum
    std::uint32_t pseudo = 0;  // of the pseudo-header but the length
  };
  Sums sums() const;
  // Whether the checksums of IP and transport are exactly what Linux would put there, or leave there where
  // the latter is open; `sums` are its own, or those of a packet that it continues.
  bool has_valid_checksums(const Sums& sums) const;
  // What is left to do on it where nothing joins it.
  base::Offload offload_alone() const;
  // Makes the headers those of a superpacket of `size` bytes, and says how it is to be cut.
  base::Offload make_superpacket(std::size_t size, bool ends_with_push) const;

 private:
  Segment() = default;
  bool is_v4() const { return transport_offset_ == kIpv4HeaderSize; }
  base::ByteSpan transport() const { return packet_.subspan(transport_offset_); }
  std::size_t checksum_offset() const;
  bool continues_ip(const Segment& first, std::size_t index) const;
  bool continues_tcp(const Segment& first, std::size_t index) const;
  bool has_valid_transport_checksum(std::uint32_t pseudo_sum) const;

  static constexpr std::uint16_t kIpv4HeaderSize = 20;

  base::ByteSpan packet_;
  std::uint16_t transport_offset_ = 0;
  std::uint16_t headers_size_ = 0;
  bool is_tcp_ = false;
  base::Checksum checksum_ = base::Checksum::kComplete;
};

}  // namespace sennit::inbound
