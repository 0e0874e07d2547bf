// First step of inbound: sealed datagram -> frame, opened in place (protocol.md section 4).
// The replay window is asked before and moved after authentication. Does not look inside the frame.
#pragma once

#include <variant>

#include "base/drop.hpp"
#include "base/packet.hpp"
#include "crypto/session.hpp"
#include "wire/outer.hpp"

namespace sennit::inbound {

struct Opened {
  base::ByteSpan frame;  // inside the datagram
  std::uint64_t counter = 0;
  crypto::ReplayWindow::Verdict verdict = crypto::ReplayWindow::Verdict::kNewest;
};

// `header` was parsed from `datagram`, and its index is the session's.
std::variant<Opened, base::DropReason> open(crypto::Session& session, const wire::SealedHeader& header,
                                            base::ByteSpan datagram);

}  // namespace sennit::inbound
