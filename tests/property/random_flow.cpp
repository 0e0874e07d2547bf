#include "property/random_flow.hpp"

namespace sennit::property {
namespace {

using reference::Look;
using reference::Transport;
using reference::Version;

constexpr std::size_t kPoolSize = 1U << 18U;
constexpr unsigned kMaxSegments = 64;

Bytes make_pool() {
  base::Rng rng(0);
  Bytes pool(kPoolSize);
  for (auto& byte : pool) byte = static_cast<std::uint8_t>(rng());
  return pool;
}

// Options that are well-formed only by their length: nobody here reads them.
Bytes random_options(std::size_t words, base::Rng& rng) {
  Bytes options(words * 4);
  for (auto& byte : options) byte = static_cast<std::uint8_t>(rng());
  return options;
}

bool is_tcp(const Look& look) {
  return look.transport == Transport::kTcp;
}
bool is_v4(const Look& look) {
  return look.version == Version::kV4;
}

std::size_t checksum_field(const Look& look) {
  return reference::transport_start(look) + (is_tcp(look) ? 16 : 6);
}

}  // namespace

base::ConstByteSpan random_payload(std::size_t size, base::Rng& rng) {
  static const Bytes pool = make_pool();
  return base::ConstByteSpan(pool).subspan(rng.below(kPoolSize - size), size);
}

RandomFlow::RandomFlow(unsigned number_of_flow, base::Rng& rng) : rng_(rng()) {
  look_.version = chance(2) ? Version::kV4 : Version::kV6;
  look_.transport = chance(2) ? Transport::kTcp : Transport::kUdp;
  look_.host = static_cast<std::uint8_t>(number(2));
  look_.source_port = 1000 + number_of_flow;
  look_.traffic_class = number(256);
  look_.hop_limit = number(256);
  look_.flow_label = number(1U << 20U);
  look_.id = chance(2) ? 0xFFFF - number(20) : number(0x10000);
  look_.sequence = chance(2) ? 0xFFFF'FFFF - number(4000) : number(0xFFFF'FFFF);
  look_.tcp_options = random_options(chance(2) ? 3 : number(11), rng_);
  if (chance(4)) look_.flags |= reference::kEce;
  if (chance(8)) look_.fragmentation = 0;
  change_for_good();
}

void RandomFlow::change_for_good() {
  constexpr std::size_t kSizes[] = {1, 2, 3, 100, 536, 1231, 1448, 9000, 20'000};
  segment_size_ = chance(2) ? 1 + number(400) : kSizes[chance(3) ? number(9) : number(6)];
  look_.acknowledgment += number(2);
  look_.window = number(0x10000);
}

std::size_t RandomFlow::next_payload_size() {
  switch (number(40)) {
    case 0: return 0;
    case 1: return segment_size_ + 1 + number(100);
    case 2: return 1 + number(static_cast<unsigned>(segment_size_));
    default: return segment_size_;
  }
}

// What sets one packet apart from those around it.
void RandomFlow::change_once(Look& look) {
  switch (number(20)) {
    case 0: look.traffic_class ^= 1U << number(8); break;
    case 1: look.hop_limit = number(256); break;
    case 2: look.flow_label = number(1U << 20U); break;
    case 3: look.id = number(0x10000); break;
    case 4: look.fragmentation ^= 0x4000U; break;
    case 5: look.fragmentation ^= 0x8000U; break;
    case 6: look.fragmentation = (chance(2) ? 0x2000U : 0U) + number(3); break;
    case 7:
      look.between = is_v4(look) ? random_options(1 + number(10), rng_) : Bytes{1, 4, 0, 0, 0, 0};
      break;
    case 8: look.sequence += number(3) - 1; break;
    case 9: look.acknowledgment += 1 + number(1000); break;
    case 10: look.reserved = number(16); break;
    case 11:
    case 12: look.flags ^= 1U << number(8); break;
    case 13: look.flags = number(256); break;
    case 14: look.window = number(0x10000); break;
    case 15: look.urgent = number(3); break;
    case 16: look.tcp_options = random_options(number(11), rng_); break;
    default: look.flags |= reference::kPsh;
  }
}

// What no checksum survives, and what only looks like it.
void RandomFlow::damage(base::ByteSpan packet, const Look& look) {
  const std::size_t field = checksum_field(look);
  switch (number(7)) {
    case 0: {
      const std::size_t behind_ports = reference::transport_start(look) + 4;
      packet[behind_ports + rng_.below(packet.size() - behind_ports)] ^=
          static_cast<std::uint8_t>(1U << number(8));
      break;
    }
    case 1: packet[packet.size() - 1] ^= 1U; break;
    case 2: reference::put_u16(packet, field, 0); break;
    case 3: reference::put_u16(packet, field, 0xFFFF); break;
    case 4: reference::put_u16(packet, is_v4(look) ? 10 : field, 0xFFFF); break;
    case 5: reference::put_u16(packet, is_tcp(look) ? field : field - 2, number(40)); break;
    default: {
      // All words made to add up to 65535: the checksum is zero, in one form or the other.
      const std::size_t at = reference::transport_start(look);
      const std::size_t payload = at + (is_tcp(look) ? 20 + look.tcp_options.size() : 8);
      if (packet.size() < payload + 2) return;
      reference::put_u16(packet, payload, 0);
      reference::complete(packet, at, look.transport);
      reference::put_u16(packet, payload, reference::get_u16(packet, field));
      reference::put_u16(packet, field, chance(2) ? 0 : 0xFFFF);
    }
  }
}

void RandomFlow::append_packet(Bytes& out) {
  if (chance(60)) change_for_good();
  Look look = look_;
  if (chance(25)) change_once(look);
  const std::size_t payload = next_payload_size();
  Bytes packet = reference::packet_of(look, random_payload(payload, rng_));
  if (chance(50)) damage(packet, look);
  out.insert(out.end(), packet.begin(), packet.end());
  look_.id = (look_.id + 1) & 0xFFFFU;
  look_.sequence += static_cast<unsigned>(payload);
}

base::Offload RandomFlow::append_superpacket(Bytes& out) {
  if (chance(8)) change_for_good();
  Look look = look_;
  if (chance(3)) change_once(look);
  look.fragmentation &= 0xC000U;
  const std::size_t room = 65'000 / segment_size_;
  const std::size_t full = rng_.below(std::min<std::size_t>(kMaxSegments, room));
  const std::size_t payload = full * segment_size_ + 1 + number(static_cast<unsigned>(segment_size_));
  Bytes packet = reference::packet_of(look, random_payload(payload, rng_));
  const base::Offload offload = reference::offload_of(look, segment_size_);
  reference::leave_checksum_open(packet, offload, look.transport);
  out.insert(out.end(), packet.begin(), packet.end());
  look_.id = (look_.id + static_cast<unsigned>(full) + 1) & 0xFFFFU;
  look_.sequence += static_cast<unsigned>(payload);
  return offload;
}

}  // namespace sennit::property
