// Kernel settings under /proc/sys, of the network namespace of the calling thread.
// Used by Journal, which remembers what was there before; nobody else should write.
// A key is the path below /proc/sys ("net/ipv4/ip_forward"): interface names may hold dots.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/address.hpp"

namespace sennit::io {

// The value without its line end; nothing where the key does not exist or may not be read.
std::optional<std::string> read_sysctl(const std::string& key);
std::error_code write_sysctl(const std::string& key, std::string_view value);

// "net/ipv4/conf/INTERFACE/LEAF".
std::string interface_sysctl(base::Family family, std::string_view interface, std::string_view leaf);
// The INTERFACE of such a key; empty where the key is none.
std::string_view interface_of(std::string_view key);
// The names below conf/: every interface, "all" and "default".
std::vector<std::string> sysctl_interfaces(base::Family family);

}  // namespace sennit::io
