#include "io/assigned_address.hpp"

#include <cerrno>
#include <string>

#include "base/error.hpp"

namespace sennit::io {

namespace {

[[noreturn]] void throw_address_error(const base::Prefix& address, const std::error_code& error) {
  const std::string what =
      "cannot give the address " + address.to_string() + " to the tunnel: " + error.message();
  if (error.value() == EPERM) throw base::Error(what + "; run as root or with CAP_NET_ADMIN");
  if (error.value() == EACCES)
    throw base::Error(what + "; IPv6 is off here, see net.ipv6.conf.*.disable_ipv6");
  throw base::Error(what);
}

}  // namespace

AssignedAddress::AssignedAddress(RouteSocket& socket, InterfaceIndex index, const base::Prefix& address)
    : socket_(&socket), index_(index), address_(address) {
  if (const auto error = socket.add_address(index, address)) throw_address_error(address, error);
}

AssignedAddress& AssignedAddress::operator=(AssignedAddress&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(index_, other.index_);
  std::swap(address_, other.address_);
  return *this;
}

AssignedAddress::~AssignedAddress() {
  // A refusal means that the address went with its device.
  if (socket_ != nullptr) static_cast<void>(socket_->remove_address(index_, address_));
}

}  // namespace sennit::io
