#include "io/packet_slab.hpp"

namespace sennit::io {

namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kCapacity = kLargestInnerPacket + 1;
constexpr std::size_t kStride = (base::kHeadroom + kCapacity + kCacheLine - 1) / kCacheLine * kCacheLine;

}  // namespace

PacketSlab::PacketSlab(std::size_t slots) : slots_(slots), memory_(slots * kStride) {
  packets_.reserve(slots);
}

base::ByteSpan PacketSlab::free_slot() {
  return base::ByteSpan(memory_).subspan(packets_.size() * kStride + base::kHeadroom, kCapacity);
}

void PacketSlab::commit(std::size_t length) {
  packets_.push_back({free_slot().first(length)});
}

}  // namespace sennit::io
