// Inner traffic as bytes: one TCP segment over IPv4 or IPv6 (RFC 9293), with the options that a Linux host
// sends: timestamps on everything, MSS and "SACK permitted" on SYNs, SACK blocks on acknowledgements.
// Used by Transfer. The payload is zeros behind one tag, by which the simulator knows this very transmission.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "sim/inner_ip.hpp"

namespace sennit::sim {

struct InnerTcp {
  enum Flag : std::uint8_t { kSyn = 0x02, kPush = 0x08, kAck = 0x10, kEce = 0x40, kCwr = 0x80 };
  using Block = std::pair<std::uint32_t, std::uint32_t>;  // first, behind the last

  // Bytes in front of the payload of a segment that is no SYN and has no SACK blocks.
  static std::size_t overhead(base::Family family) { return InnerIp::header_size(family) + 32; }
  static constexpr std::size_t kMaxBlocks = 3;

  base::SocketAddress source;
  base::SocketAddress destination;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint8_t flags = kAck;
  std::uint16_t window = 0xFFFF;
  std::uint32_t stamp = 0;
  std::uint32_t echo = 0;
  std::uint16_t mss = 0;  // on SYNs
  std::vector<Block> blocks{};
  std::size_t payload_size = 0;  // none, or at least the tag
  std::uint64_t tag = 0;
  Ecn ecn = Ecn::kNotCapable;

  // The IP packet, with DF where it is IPv4.
  std::vector<std::uint8_t> serialize() const;
  // None: not TCP, or a checksum, length or option is wrong.
  static std::optional<InnerTcp> parse(base::ConstByteSpan packet);
};

}  // namespace sennit::sim
