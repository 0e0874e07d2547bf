// The Internet checksum (RFC 1071) and its pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1).
// Used wherever inner packets are made, changed, cut or joined. Every byte of a superpacket passes here once,
// so this is written for memory speed.
// Invariant: a sum is at most 0xFFFF after checksum_add(), and zero only for zeros.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/packet.hpp"

namespace sennit::wire {

// Internet checksum (RFC 1071) of `bytes` on top of a running sum; an odd last byte is padded with zero.
std::uint32_t checksum_add(base::ConstByteSpan bytes, std::uint32_t sum);
// A running sum in the 16 bits of a checksum's words.
constexpr std::uint16_t checksum_fold(std::uint32_t sum) {
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>((sum & 0xFFFFU) + (sum >> 16U));
}
// What stands in the field of a packet whose other bytes have this sum.
constexpr std::uint16_t checksum_finish(std::uint32_t sum) {
  return static_cast<std::uint16_t>(~checksum_fold(sum));
}
// A UDP checksum of zero says that there is none (RFC 768); to everyone else both mean the same.
constexpr std::uint16_t udp_checksum(std::uint16_t checksum) {
  return checksum == 0 ? 0xFFFF : checksum;
}
// RFC 1624: the checksum after one 16-bit word under it changed.
std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before, std::uint16_t after);
// The running sum of the pseudo-header in front of an upper layer of `length` bytes.
std::uint32_t pseudo_header_sum(const base::IpAddress& source, const base::IpAddress& destination,
                                std::uint8_t protocol, std::size_t length);

}  // namespace sennit::wire
