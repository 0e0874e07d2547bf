// How a packet finds its class: by a value that nftables gives it, which is the class's own handle.
// Shared by who sets the value (`Marking`) and who reads it (`Tree`'s root).
#pragma once

#include <cstdint>

#include "server/tc/class_ids.hpp"

namespace sennit::server::tc {

// How a packet's mark becomes its class.
enum class Classifier : std::uint8_t {
  kFw,        // the fw filter: the mark is the class
  kBpf,       // classic BPF that returns the mark
  kPriority,  // none: nftables sets the packet's priority, which HTB reads
};

// What marks a packet for this class, and the class's handle.
constexpr std::uint32_t mark_of(ClassId id) {
  return std::uint32_t{kRootMajor} << 16U | id.value;
}

}  // namespace sennit::server::tc
