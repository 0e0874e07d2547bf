// Superpackets through the splitter, as the endpoint does it, with the result copied out.
#pragma once

#include <optional>
#include <vector>

#include "outbound/split.hpp"
#include "property/reference.hpp"

namespace sennit::property {

using reference::Bytes;

// A superpacket of the coalescer in one piece.
inline Bytes whole(const base::InboundPacket& packet) {
  Bytes bytes(packet.bytes.begin(), packet.bytes.end());
  for (const base::ConstByteSpan part : packet.more) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

// The packets as the splitter makes them; none when it refuses. Overwrites the headroom of each when it is
// done with it, as sealing does, and checks that count() and largest() told the truth.
inline std::optional<std::vector<Bytes>> split(base::ConstByteSpan all, const base::Offload& offload) {
  Bytes buffer(base::kHeadroom);
  buffer.insert(buffer.end(), all.begin(), all.end());
  const base::ByteSpan bytes = base::ByteSpan(buffer).subspan(base::kHeadroom);
  const auto ip = wire::IpPacket::parse(bytes);
  if (!ip) return std::nullopt;
  auto splitter = outbound::Splitter::make({.bytes = bytes, .offload = offload}, *ip);
  if (!splitter) return std::nullopt;
  std::vector<Bytes> packets;
  for (base::ByteSpan next = splitter->next(); !next.empty(); next = splitter->next()) {
    packets.emplace_back(next.begin(), next.end());
    std::fill(next.data() - base::kHeadroom, next.data() + next.size(), std::uint8_t{0xEE});
    if (packets.back().size() > splitter->largest()) return std::nullopt;
  }
  if (packets.size() != splitter->count() || packets.front().size() != splitter->largest())
    return std::nullopt;
  return packets;
}

}  // namespace sennit::property
