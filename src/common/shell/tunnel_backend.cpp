#include "shell/tunnel_backend.hpp"

#include "io/clock.hpp"

namespace sennit::shell {

void TunnelBackend::add(const base::DeviceAddresses& device) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now) { endpoint.add_device(device); });
}

void TunnelBackend::move_addresses(std::span<const base::DeviceAddresses> devices) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now) {
    for (const auto& device : devices) endpoint.add_device(device);
  });
}

void TunnelBackend::impair(const base::DeviceMatch& match, device::Direction direction,
                           const std::optional<impair::Settings>& settings) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.impair_device(match, direction, settings, now);
  });
}

void TunnelBackend::remove(const base::DeviceMatch& match) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.remove_device(match, now); });
}

std::vector<device::DeviceReport> TunnelBackend::report() const {
  return pump_.endpoint().report(io::read_clock()).devices;
}

void TunnelBackend::start_capture(const base::DeviceMatch& match) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.start_capture(match, now); });
}

std::optional<device::Captured> TunnelBackend::take_captured(const base::DeviceMatch& match) {
  std::optional<device::Captured> captured;
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now) { captured = endpoint.take_captured(match); });
  return captured;
}

void TunnelBackend::stop_capture(const base::DeviceMatch& match) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.stop_capture(match, now); });
}

void TunnelBackend::add_filter(device::FilterId id, const device::Filter& filter) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.add_filter(id, filter, now); });
}

void TunnelBackend::remove_filter(device::FilterId id) {
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.remove_filter(id, now); });
}

device::Captured TunnelBackend::take_recorded(device::FilterId id) {
  device::Captured recorded;
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now) { recorded = endpoint.take_recorded(id); });
  return recorded;
}

std::vector<device::FilterReport> TunnelBackend::report_filters() const {
  return pump_.endpoint().report_filters();
}

}  // namespace sennit::shell
