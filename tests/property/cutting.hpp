// Superpackets through the splitter, as the endpoint does it, with the result copied out.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "outbound/split.hpp"
#include "property/reference.hpp"
#include "wire/open_checksum.hpp"

namespace sennit::property {

using reference::Bytes;

// A superpacket of the coalescer in one piece.
inline Bytes whole(const base::InboundPacket& packet) {
  Bytes bytes(packet.bytes.begin(), packet.bytes.end());
  for (const base::ConstByteSpan part : packet.more) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

// A packet of the splitter.
struct Piece {
  Bytes bytes;
  base::Checksum checksum = base::Checksum::kComplete;
  bool operator==(const Piece&) const = default;
};

inline constexpr std::size_t kNothingOpen = std::numeric_limits<std::size_t>::max();

// The packet as the last kernel on its way lets it go.
inline Bytes finished(Piece piece) {
  if (piece.checksum == base::Checksum::kOpen)
    reference::finish_checksum(piece.bytes, *wire::open_checksum(*wire::IpPacket::parse(piece.bytes)));
  return piece.bytes;
}

inline std::vector<Bytes> finished(const std::vector<Piece>& pieces) {
  std::vector<Bytes> packets;
  for (const Piece& piece : pieces) packets.push_back(finished(piece));
  return packets;
}

// The packets as the splitter makes them, those of more than `open_above` bytes with open checksums; none
// when it refuses. Overwrites the headroom of each when it is done with it, as sealing does, and checks that
// count() and largest() told the truth.
inline std::optional<std::vector<Piece>> split_open(base::ConstByteSpan all, const base::Offload& offload,
                                                    std::size_t open_above) {
  Bytes buffer(base::kHeadroom);
  buffer.insert(buffer.end(), all.begin(), all.end());
  const base::ByteSpan bytes = base::ByteSpan(buffer).subspan(base::kHeadroom);
  const auto ip = wire::IpPacket::parse(bytes);
  if (!ip) return std::nullopt;
  auto splitter = outbound::Splitter::make({.bytes = bytes, .offload = offload}, *ip);
  if (!splitter) return std::nullopt;
  splitter->leave_open_above(open_above);
  std::vector<Piece> packets;
  for (auto next = splitter->next(); !next.bytes.empty(); next = splitter->next()) {
    const base::ByteSpan packet = next.bytes;
    packets.push_back({Bytes(packet.begin(), packet.end()), next.checksum});
    std::fill(packet.data() - base::kHeadroom, packet.data() + packet.size(), std::uint8_t{0xEE});
    if (packet.size() > splitter->largest()) return std::nullopt;
  }
  if (packets.size() != splitter->count() || packets.front().bytes.size() != splitter->largest())
    return std::nullopt;
  return packets;
}

// The same with all checksums complete.
inline std::optional<std::vector<Bytes>> split(base::ConstByteSpan all, const base::Offload& offload) {
  const auto pieces = split_open(all, offload, kNothingOpen);
  if (!pieces) return std::nullopt;
  return finished(*pieces);
}

}  // namespace sennit::property
