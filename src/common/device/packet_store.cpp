#include "device/packet_store.hpp"

#include <algorithm>

namespace sennit::device {

std::optional<impair::BufferId> PacketStore::keep(base::ConstByteSpan packet, base::Checksum checksum) {
  const auto size = base::kHeadroom + packet.size();
  if (held_ + size > kMostBytes) return std::nullopt;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& slot = slots_[index];
  slot.bytes.resize(size);
  base::copy_bytes(packet, base::ByteSpan(slot.bytes).subspan(base::kHeadroom));
  slot.checksum = checksum;
  held_ += size;
  return impair::BufferId{index};
}

base::InnerPacket PacketStore::packet(impair::BufferId id) {
  auto& slot = slots_[id.value];
  return {base::ByteSpan(slot.bytes).subspan(base::kHeadroom), slot.checksum};
}

void PacketStore::give_back(impair::BufferId id) {
  auto& slot = slots_[id.value];
  held_ -= slot.bytes.size();
  if (free_.size() >= kMaxSpare) slot.bytes = {};
  free_.push_back(id.value);
}

}  // namespace sennit::device
