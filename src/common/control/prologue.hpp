// The Noise prologue of a Sennit handshake: the protocol's name and the initiation's header (protocol.md
// section 2). Shared by initiator and responder.
#pragma once

#include <algorithm>
#include <array>

#include "base/packet.hpp"
#include "wire/outer.hpp"

namespace sennit::control {

using Prologue = std::array<std::uint8_t, wire::kProloguePrefix.size() + wire::Initiation::kHeaderSize>;

// `header`: the first kHeaderSize bytes of the initiation.
inline Prologue make_prologue(base::ConstByteSpan header) {
  Prologue prologue{};
  const auto rest = std::ranges::copy(wire::kProloguePrefix, prologue.begin()).out;
  std::ranges::copy(header.first(wire::Initiation::kHeaderSize), rest);
  return prologue;
}

}  // namespace sennit::control
