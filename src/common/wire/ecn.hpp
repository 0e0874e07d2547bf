// Explicit congestion notification (RFC 3168): marks an inner packet instead of dropping it.
#pragma once

#include "base/packet.hpp"

namespace sennit::wire {

// Sets Congestion Experienced, IPv4's header checksum with it (RFC 1624). False: the packet does not say that
// its ends understand ECN; it was not touched.
bool mark_congestion(base::ByteSpan packet);

}  // namespace sennit::wire
