// Which of two waiting TCP acknowledgements says all that the other says (RFC 3449 section 5.2.1, ACK
// filtering): on an asymmetric line the acknowledgements of a download fill the way up otherwise.
#pragma once

#include "base/packet.hpp"

namespace sennit::wire {

// Is it an acknowledgement and nothing else: no data, no flag but ACK, no option but timestamps?
bool is_acknowledgement(base::ConstByteSpan packet);

// Is `older` needless once `newer` has arrived? Only where both are acknowledgements of one connection and
// `newer` acknowledges more.
bool supersedes(base::ConstByteSpan newer, base::ConstByteSpan older);

}  // namespace sennit::wire
