// Owns one inner address of our TUN device.
// Made by the shells, from the configuration or from what the gateway assigned.
// Invariant: removed when the owner goes, unless the device went first.
#pragma once

#include <utility>

#include "io/route_socket.hpp"

namespace sennit::io {

class AssignedAddress {
 public:
  // Throws base::Error where the kernel refuses. `socket` must outlive the owner.
  AssignedAddress(RouteSocket& socket, InterfaceIndex index, const base::Prefix& address);
  AssignedAddress(AssignedAddress&& other) noexcept
      : socket_(std::exchange(other.socket_, nullptr)), index_(other.index_), address_(other.address_) {}
  AssignedAddress& operator=(AssignedAddress&& other) noexcept;
  ~AssignedAddress();

  const base::Prefix& address() const { return address_; }

 private:
  RouteSocket* socket_;
  InterfaceIndex index_;
  base::Prefix address_;
};

}  // namespace sennit::io
