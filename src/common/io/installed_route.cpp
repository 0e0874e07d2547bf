#include "io/installed_route.hpp"

#include <cerrno>
#include <string>

#include "base/error.hpp"

namespace sennit::io {

namespace {

[[noreturn]] void throw_route_error(const base::Prefix& destination, const std::error_code& error) {
  const std::string what = "cannot add a route to " + destination.to_string() + ": " + error.message();
  if (error.value() == EEXIST)
    throw base::Error(what + "; remove the route that is there, or leave it out of --route");
  if (error.value() == EPERM) throw base::Error(what + "; run as root or with CAP_NET_ADMIN");
  if (error.value() == ENETDOWN) throw base::Error(what + "; the tunnel's interface was set down");
  throw base::Error(what);
}

}  // namespace

InstalledRoute::InstalledRoute(RouteSocket& socket, const DeviceRoute& route)
    : socket_(&socket), route_(route) {
  if (const auto error = socket.add_route(route)) throw_route_error(route.destination, error);
}

InstalledRoute& InstalledRoute::operator=(InstalledRoute&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(route_, other.route_);
  return *this;
}

InstalledRoute::~InstalledRoute() {
  // A refusal means that the route went with its device.
  if (socket_ != nullptr) static_cast<void>(socket_->remove_route(route_));
}

}  // namespace sennit::io
