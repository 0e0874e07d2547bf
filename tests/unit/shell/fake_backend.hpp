// A back end that does nothing and can be asked about nothing: what tests of its callers begin with.
#pragma once

#include "shell/device_backend.hpp"

namespace sennit::shell {

class FakeBackend : public DeviceBackend {
 public:
  std::string_view name() const override { return "fake"; }
  std::string refusal(const impair::Settings& /*settings*/) const override { return {}; }
  void add(const base::DeviceAddresses& /*device*/) override {}
  void move_addresses(std::span<const base::DeviceAddresses> /*devices*/) override {}
  void impair(const base::DeviceMatch& /*match*/, device::Direction /*direction*/,
              const std::optional<impair::Settings>& /*settings*/) override {}
  void remove(const base::DeviceMatch& /*match*/) override {}
  void let_go(const base::DeviceMatch& /*match*/) override {}
  std::vector<device::DeviceReport> report() const override { return {}; }
  void start_capture(const base::DeviceMatch& /*match*/) override {}
  std::optional<device::Captured> take_captured(const base::DeviceMatch& /*match*/) override { return {}; }
  void stop_capture(const base::DeviceMatch& /*match*/) override {}
};

}  // namespace sennit::shell
