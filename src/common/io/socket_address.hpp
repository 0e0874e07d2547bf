// Between base::SocketAddress and the kernel's sockaddr.
// Used by UdpSocket and its slabs; keeps sockaddr out of everything else.
// Invariant: only AF_INET and AF_INET6 are known; anything else becomes an address without a family.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/address.hpp"

namespace sennit::io {

// Room for either family.
union KernelAddress {
  sockaddr generic;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// AF_INET, AF_INET6 or AF_UNSPEC.
int address_family(base::Family family);
// Fills `out`; returns the length the kernel wants to be told.
socklen_t to_kernel(const base::SocketAddress& address, KernelAddress& out);
// The other way.
base::SocketAddress from_kernel(const KernelAddress& address);
// Addresses alone, as in_pktinfo and in6_pktinfo carry them.
in_addr to_kernel_v4(const base::IpAddress& address);
in6_addr to_kernel_v6(const base::IpAddress& address);
base::IpAddress from_kernel(const in_addr& address);
base::IpAddress from_kernel(const in6_addr& address);

}  // namespace sennit::io
