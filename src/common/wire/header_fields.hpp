// Where the fields of IPv4, IPv6, TCP and UDP headers lie (RFC 791, 8200, 9293, 768), in bytes from the start
// of their header, and TCP's flags. Used by what looks at or rewrites headers in place; checks nothing.
#pragma once

#include <cstddef>

namespace sennit::wire {

inline constexpr std::size_t kIpv4Length = 2;
inline constexpr std::size_t kIpv4Id = 4;
inline constexpr std::size_t kIpv4Checksum = 10;
inline constexpr std::size_t kIpv4Addresses = 12;

inline constexpr std::size_t kIpv6Length = 4;
inline constexpr std::size_t kIpv6Addresses = 8;
inline constexpr std::size_t kIpv6HeaderSize = 40;

inline constexpr std::size_t kTcpSequence = 4;
inline constexpr std::size_t kTcpAcknowledgment = 8;
inline constexpr std::size_t kTcpDataOffset = 12;
inline constexpr std::size_t kTcpFlags = 13;
inline constexpr std::size_t kTcpWindow = 14;
inline constexpr std::size_t kTcpChecksum = 16;
inline constexpr std::size_t kTcpUrgentPointer = 18;
inline constexpr std::size_t kTcpHeaderSize = 20;

// Flags of TCP, as the byte at kTcpFlags has them.
inline constexpr unsigned kTcpFin = 0x01;
inline constexpr unsigned kTcpSyn = 0x02;
inline constexpr unsigned kTcpPsh = 0x08;
inline constexpr unsigned kTcpAck = 0x10;
inline constexpr unsigned kTcpEce = 0x40;
inline constexpr unsigned kTcpCwr = 0x80;

inline constexpr std::size_t kUdpLength = 4;
inline constexpr std::size_t kUdpChecksum = 6;
inline constexpr std::size_t kUdpHeaderSize = 8;

}  // namespace sennit::wire
