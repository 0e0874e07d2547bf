// Owns one route of the main table out of our TUN device.
// Made by the shells; a route also goes with its device, so that a killed run leaves none.
// Invariant: removed when the owner goes, unless the device went first.
#pragma once

#include <utility>

#include "io/route_socket.hpp"

namespace sennit::io {

class InstalledRoute {
 public:
  // Throws base::Error where the kernel refuses. `socket` must outlive the owner.
  InstalledRoute(RouteSocket& socket, const DeviceRoute& route);
  InstalledRoute(InstalledRoute&& other) noexcept
      : socket_(std::exchange(other.socket_, nullptr)), route_(other.route_) {}
  InstalledRoute& operator=(InstalledRoute&& other) noexcept;
  ~InstalledRoute();

  const DeviceRoute& route() const { return route_; }

 private:
  RouteSocket* socket_;
  DeviceRoute route_;
};

}  // namespace sennit::io
