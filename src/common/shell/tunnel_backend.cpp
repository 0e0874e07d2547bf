#include "shell/tunnel_backend.hpp"

#include <algorithm>
#include <iterator>

#include "io/clock.hpp"

namespace sennit::shell {

namespace {

void append(device::Captured& all, device::Captured more) {
  std::ranges::move(more.packets, std::back_inserter(all.packets));
  all.missed += more.missed;
}

}  // namespace

std::string TunnelBackend::refusal_of(const std::vector<base::DeviceMatch>& device) const {
  std::vector<base::Prefix> addresses;
  for (const auto& match : device)
    if (const auto* prefix = std::get_if<base::Prefix>(&match)) addresses.push_back(*prefix);
  if (workers_.worker_of(addresses)) return {};
  return base::to_string(device.front()) +
         ": its packets belong to peers of several workers, which cannot share one line; "
         "give each peer's part a device of its own, or leave out --workers";
}

void TunnelBackend::add(const base::DeviceAddresses& device) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now) { endpoint.add_device(device); });
}

void TunnelBackend::move_addresses(std::span<const base::DeviceAddresses> devices) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now) {
    for (const auto& device : devices) endpoint.add_device(device);
  });
}

void TunnelBackend::impair(const base::DeviceMatch& match, device::Direction direction,
                           const std::optional<impair::Settings>& settings) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.impair_device(match, direction, settings, now);
  });
}

void TunnelBackend::remove(const base::DeviceMatch& match) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.remove_device(match, now); });
}

std::vector<device::DeviceReport> TunnelBackend::report() const {
  const auto now = io::read_clock();
  std::vector<device::DeviceReport> all;
  workers_.ask([&](std::uint32_t worker, const tunnel::Endpoint& endpoint) {
    std::ranges::copy_if(endpoint.report(now).devices, std::back_inserter(all),
                         [&](const auto& device) { return workers_.worker_of(device.addresses) == worker; });
  });
  return all;
}

void TunnelBackend::start_capture(const base::DeviceMatch& match) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.start_capture(match, now); });
}

std::optional<device::Captured> TunnelBackend::take_captured(const base::DeviceMatch& match) {
  std::optional<device::Captured> all;
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now) {
    auto captured = endpoint.take_captured(match);
    if (!captured) return;
    if (!all) all.emplace();
    append(*all, std::move(*captured));
  });
  return all;
}

void TunnelBackend::stop_capture(const base::DeviceMatch& match) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.stop_capture(match, now); });
}

void TunnelBackend::add_filter(device::FilterId id, const device::Filter& filter) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.add_filter(id, filter, now); });
}

void TunnelBackend::remove_filter(device::FilterId id) {
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.remove_filter(id, now); });
}

device::Captured TunnelBackend::take_recorded(device::FilterId id) {
  device::Captured all;
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now) { append(all, endpoint.take_recorded(id)); });
  std::ranges::stable_sort(all.packets, {}, &device::CapturedPacket::at);
  return all;
}

std::vector<device::FilterReport> TunnelBackend::report_filters() const {
  std::vector<device::FilterReport> all;
  workers_.ask([&](std::uint32_t /*worker*/, const tunnel::Endpoint& endpoint) {
    for (const auto& report : endpoint.report_filters()) {
      const auto known = std::ranges::find(all, report.id, &device::FilterReport::id);
      if (known == all.end()) {
        all.push_back(report);
      } else {
        known->packets += report.packets;
        known->bytes = base::Bytes{known->bytes.value + report.bytes.value};
      }
    }
  });
  return all;
}

}  // namespace sennit::shell
