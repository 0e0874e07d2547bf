#include "io/packet_slab.hpp"

namespace sennit::io {

namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kSlot = kLargestSuperpacket + 1;
// One superpacket, or a batch of small packets: read into the same memory again and again, it stays in the
// cache.
constexpr std::size_t kSmallPackets = std::size_t{48} * 1024;
constexpr std::size_t kMemory = kSmallPackets + kCacheLine + kSlot;
static_assert(base::kHeadroom <= kCacheLine);

constexpr std::size_t round_up(std::size_t size) {
  return (size + kCacheLine - 1) / kCacheLine * kCacheLine;
}

}  // namespace

PacketSlab::PacketSlab(std::size_t count) : count_(count), memory_(kMemory) {
  packets_.reserve(count);
}

void PacketSlab::clear() {
  packets_.clear();
  used_ = 0;
}

bool PacketSlab::full() const {
  return packets_.size() == count_ || used_ + kCacheLine + kSlot > memory_.size();
}

base::ByteSpan PacketSlab::free_slot() {
  return base::ByteSpan(memory_).subspan(used_ + kCacheLine, kSlot);
}

void PacketSlab::commit(std::size_t length, const base::Offload& offload) {
  packets_.push_back({free_slot().first(length), offload});
  used_ += kCacheLine + round_up(length);
}

}  // namespace sennit::io
