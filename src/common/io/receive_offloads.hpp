// The receive offloads of an interface: what joins packets that arrive to superpackets.
// Asked and switched by OffloadOverride and, after a crash, by Journal. Remembers nothing.
#pragma once

#include <cstdint>
#include <string>

namespace sennit::io {

// Those that are on and can be switched, by the kernel's names, with commas; empty: none, or no interface.
std::string receive_offloads_on(const std::string& interface);

enum class Switch : std::uint8_t { kOff, kOn };
// Switches those of receive_offloads_on(). What the kernel refuses stays as it is.
void switch_offloads(const std::string& interface, const std::string& names, Switch to);

}  // namespace sennit::io
