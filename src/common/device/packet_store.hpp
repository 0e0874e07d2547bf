// The bytes of packets that wait in chains, under the names that chains know them by (impair::BufferId).
// A buffer goes back and serves again, so that nothing is allocated a packet once the store has grown.
// Invariant: base::kHeadroom writable bytes lie in front of each packet, and the packets held never take more
// than kMostBytes together.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/packet.hpp"
#include "impair/packet.hpp"

namespace sennit::device {

class PacketStore {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
  // Free buffers whose memory is kept.
  static constexpr std::size_t kMaxSpare = 4096;

  // Keeps a copy; none where there is no room for it.
  std::optional<impair::BufferId> keep(base::ConstByteSpan packet,
                                       base::Checksum checksum = base::Checksum::kComplete);
  base::InnerPacket packet(impair::BufferId id);
  void give_back(impair::BufferId id);
  // Packets kept and not given back.
  std::size_t in_use() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    std::vector<std::uint8_t> bytes;  // with the headroom
    base::Checksum checksum = base::Checksum::kComplete;
  };

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t held_ = 0;
};

}  // namespace sennit::device
