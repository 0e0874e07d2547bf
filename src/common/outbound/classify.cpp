#include "outbound/classify.hpp"

#include <cstring>

namespace sennit::outbound {

namespace {

// One round of the finaliser of MurmurHash3 (Appleby, public domain description) over the running state.
std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  state ^= word;
  state ^= state >> 33U;
  state *= 0xFF51AFD7ED558CCDU;
  state ^= state >> 33U;
  return state * 0xC4CEB9FE1A85EC53U;
}

std::uint64_t mix(std::uint64_t state, const base::IpAddress& address) {
  std::uint64_t words[2] = {};
  std::memcpy(words, address.bytes().data(), address.bytes().size());
  return mix(mix(state, words[0]), words[1]);
}

}  // namespace

std::uint64_t flow_hash(const wire::IpPacket& packet, std::uint64_t seed) {
  std::uint64_t state = mix(mix(seed, packet.source), packet.destination);
  std::uint64_t tail = packet.protocol;
  if (!packet.is_fragment) {
    tail |= static_cast<std::uint64_t>(packet.source_port) << 16U;
    tail |= static_cast<std::uint64_t>(packet.destination_port) << 32U;
  }
  return mix(state, tail);
}

base::FlowBucket classify(const wire::IpPacket& packet, std::uint64_t seed) {
  return {static_cast<std::uint16_t>((flow_hash(packet, seed) >> 32U) % kFlowBuckets)};
}

}  // namespace sennit::outbound
