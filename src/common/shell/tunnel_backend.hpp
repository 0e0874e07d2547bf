// Impairs devices in the tunnel: between the endpoint's TUN device and its peers.
// Between Devices and the workers; tunnel::Endpoint does the work. Every worker knows all devices and
// filters, and impairs the packets that it carries. Invariant: a device's packets are all of one worker.
#pragma once

#include "shell/device_backend.hpp"
#include "shell/workers.hpp"

namespace sennit::shell {

class TunnelBackend : public DeviceBackend {
 public:
  // `workers` outlives it.
  explicit TunnelBackend(Workers& workers) : workers_(workers) {}

  std::string_view name() const override { return "tunnel"; }
  std::string refusal(const impair::Settings& /*settings*/) const override { return {}; }
  std::string refusal_of(const std::vector<base::DeviceMatch>& device) const override;
  void add(const base::DeviceAddresses& device) override;
  void move_addresses(std::span<const base::DeviceAddresses> devices) override;
  void impair(const base::DeviceMatch& match, device::Direction direction,
              const std::optional<impair::Settings>& settings) override;
  void remove(const base::DeviceMatch& match) override;
  void let_go(const base::DeviceMatch& match) override { remove(match); }
  std::vector<device::DeviceReport> report() const override;
  void start_capture(const base::DeviceMatch& match) override;
  std::optional<device::Captured> take_captured(const base::DeviceMatch& match) override;
  void stop_capture(const base::DeviceMatch& match) override;
  bool has_filters() const override { return true; }
  void add_filter(device::FilterId id, const device::Filter& filter) override;
  void remove_filter(device::FilterId id) override;
  device::Captured take_recorded(device::FilterId id) override;
  std::vector<device::FilterReport> report_filters() const override;

 private:
  Workers& workers_;
};

}  // namespace sennit::shell
