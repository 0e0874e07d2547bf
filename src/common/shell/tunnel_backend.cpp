#include "shell/tunnel_backend.hpp"

#include "io/clock.hpp"

namespace sennit::shell {

void TunnelBackend::add(std::span<const base::Prefix> matches) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now) { endpoint.add_device(matches); });
}

void TunnelBackend::impair(const base::Prefix& match, device::Direction direction,
                           const std::optional<impair::Settings>& settings) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.impair_device(match, direction, settings, now);
  });
}

void TunnelBackend::remove(const base::Prefix& match) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.remove_device(match, now); });
}

std::vector<device::DeviceReport> TunnelBackend::report() const {
  return pump_.endpoint().report(io::read_clock()).devices;
}

}  // namespace sennit::shell
