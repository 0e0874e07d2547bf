#include "io/socket_address.hpp"

#include <array>
#include <cstring>

namespace sennit::io {

int address_family(base::Family family) {
  switch (family) {
    case base::Family::kNone: return AF_UNSPEC;
    case base::Family::kV4: return AF_INET;
    case base::Family::kV6: return AF_INET6;
  }
  return AF_UNSPEC;
}

in_addr to_kernel_v4(const base::IpAddress& address) {
  in_addr out{};
  std::memcpy(&out, address.bytes().data(), sizeof(out));
  return out;
}

in6_addr to_kernel_v6(const base::IpAddress& address) {
  in6_addr out{};
  std::memcpy(&out, address.bytes().data(), sizeof(out));
  return out;
}

base::IpAddress from_kernel(const in_addr& address) {
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return base::IpAddress::v4(bytes);
}

base::IpAddress from_kernel(const in6_addr& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return base::IpAddress::v6(bytes);
}

socklen_t to_kernel(const base::SocketAddress& address, KernelAddress& out) {
  out = {};
  if (address.address.family() == base::Family::kV4) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    out.v4.sin_addr = to_kernel_v4(address.address);
    return sizeof(out.v4);
  }
  if (address.address.family() == base::Family::kV6) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(address.port);
    out.v6.sin6_addr = to_kernel_v6(address.address);
    return sizeof(out.v6);
  }
  return 0;
}

base::SocketAddress from_kernel(const KernelAddress& address) {
  if (address.generic.sa_family == AF_INET) {
    return {from_kernel(address.v4.sin_addr), ntohs(address.v4.sin_port)};
  }
  if (address.generic.sa_family == AF_INET6) {
    return {from_kernel(address.v6.sin6_addr), ntohs(address.v6.sin6_port)};
  }
  return {};
}

}  // namespace sennit::io
