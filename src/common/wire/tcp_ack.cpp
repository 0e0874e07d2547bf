#include "wire/tcp_ack.hpp"

#include <algorithm>
#include <optional>

#include "wire/bytes.hpp"
#include "wire/header_fields.hpp"
#include "wire/ip.hpp"

namespace sennit::wire {

namespace {

constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kTimestamps = 8;
constexpr std::uint8_t kTimestampsLength = 10;

bool has_timestamps_alone(base::ConstByteSpan options) {
  while (!options.empty()) {
    if (options.front() == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < kTimestampsLength || options[0] != kTimestamps || options[1] != kTimestampsLength)
      return false;
    options = options.subspan(kTimestampsLength);
  }
  return true;
}

// The TCP header of an acknowledgement that is nothing else.
std::optional<base::ConstByteSpan> pure_ack(base::ConstByteSpan packet, const IpPacket& ip) {
  const bool is_tcp = ip.protocol == static_cast<std::uint8_t>(IpProtocol::kTcp) && ip.transport_offset != 0;
  if (!is_tcp || ip.is_fragment) return std::nullopt;
  const auto tcp = packet.first(ip.total_length).subspan(ip.transport_offset);
  const std::size_t header = std::size_t{tcp[kTcpDataOffset]} / 16 * 4;
  const bool is_pure = header == tcp.size() && header >= kTcpHeaderSize && tcp[kTcpFlags] == kTcpAck;
  if (!is_pure || !has_timestamps_alone(tcp.subspan(kTcpHeaderSize))) return std::nullopt;
  return tcp;
}

}  // namespace

bool is_acknowledgement(base::ConstByteSpan packet) {
  const auto ip = IpPacket::parse(packet);
  return ip && pure_ack(packet, *ip);
}

bool supersedes(base::ConstByteSpan newer, base::ConstByteSpan older) {
  if (newer.size() != older.size()) return false;
  const auto ip = IpPacket::parse(newer);
  const auto older_ip = IpPacket::parse(older);
  if (!ip || !older_ip || ip->source != older_ip->source || ip->destination != older_ip->destination)
    return false;
  const auto tcp = pure_ack(newer, *ip);
  const auto older_tcp = pure_ack(older, *older_ip);
  if (!tcp || !older_tcp || load_u32(*tcp, 0) != load_u32(*older_tcp, 0)) return false;  // ports
  const auto more = load_u32(*tcp, kTcpAcknowledgment) - load_u32(*older_tcp, kTcpAcknowledgment);
  return load_u32(*tcp, kTcpSequence) == load_u32(*older_tcp, kTcpSequence) &&
         static_cast<std::int32_t>(more) > 0;
}

}  // namespace sennit::wire
