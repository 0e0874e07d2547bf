// The last step before the wire: frame -> sealed datagram, appended to the transmit queue (protocol.md
// section 4). Seals out of place, from where the frame lies straight into the send arena: the only copy there
// is.
#pragma once

#include "base/packet.hpp"
#include "crypto/session.hpp"
#include "outbound/transmit_queue.hpp"

namespace sennit::outbound {

// Bytes that a sealed datagram adds to its frame: outer header and tag.
inline constexpr std::size_t kSealOverhead = 8 + 16;

// Seals `frame` under the path's next counter, which is returned, and queues it for `route`.
std::uint64_t seal(crypto::Session& session, base::PathId path, const base::Route& route,
                   base::ConstByteSpan frame, TransmitQueue& queue);

}  // namespace sennit::outbound
