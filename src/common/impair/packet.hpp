// A packet as impairment sees it: a small description; the bytes stay in a buffer of the owner's.
// Stands at both ends of a Chain: in by push(), out by pop() with what became of it. Knows no header format:
// the owner tells flow, ECN and header length, and does to the bytes what an Emission asks.
// Invariant: every packet pushed comes out once, and every copy once; a buffer's last emission says so.
// Reasons: docs/impairment.md, "Contract".
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "impair/damage.hpp"

namespace sennit::impair {

// The owner's name for the buffer that holds the bytes.
using BufferId = base::Identifier<struct BufferTag, std::uint32_t>;
// Equal for packets of one flow; how it is made is the owner's matter.
using FlowHash = base::Identifier<struct FlowHashTag, std::uint32_t>;
// Differentiated services code point, 0 to 63.
using Dscp = base::Identifier<struct DscpTag, std::uint8_t>;

// The two ECN bits of the IP header (RFC 3168).
enum class Ecn : std::uint8_t {
  kNotCapable = 0,
  kCapable1 = 1,
  kCapable0 = 2,
  kCongestion = 3,  // Congestion Experienced
};

struct Packet {
  BufferId buffer = {};
  std::uint32_t size = 0;  // bytes of the IP packet
  FlowHash flow = {};
  std::uint16_t headers = 0;  // bytes of its network and transport headers
  Dscp dscp = {};
  Ecn ecn = Ecn::kNotCapable;
};

// What became of a packet.
enum class Fate : std::uint8_t {
  kDelivered,  // goes on, changed as the emission says
  kLost,       // by the loss model
  kOutage,     // came while the line was out
  kQueueFull,  // did not fit into the queue
  kAqm,        // dropped by queue management
};

// What the owner is to do with a packet. A delivered packet's `packet.ecn` is what its header shall say.
struct Emission {
  Packet packet = {};
  Fate fate = Fate::kDelivered;
  bool is_marked = false;    // the ECN bits have changed
  bool is_last_use = false;  // no other emission needs the buffer
  Damage damage = {};
};

}  // namespace sennit::impair
