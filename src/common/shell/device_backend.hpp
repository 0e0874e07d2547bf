// Where the impairment of devices takes effect: in the tunnel, or in the kernel. The one interface between
// Devices, which knows what is set, and those who do it.
// Invariant: what refusal() has no objection to, impair() does or throws base::Error, and then the lane is as
// it was before.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_match.hpp"
#include "device/table.hpp"
#include "impair/settings.hpp"

namespace sennit::shell {

class DeviceBackend {
 public:
  DeviceBackend() = default;
  DeviceBackend(const DeviceBackend&) = delete;
  DeviceBackend& operator=(const DeviceBackend&) = delete;
  virtual ~DeviceBackend() = default;

  // As status calls it.
  virtual std::string_view name() const = 0;
  // Why these settings cannot be had here, and the remedy; empty: they can.
  virtual std::string refusal(const impair::Settings& settings) const = 0;
  // Why a device of these matches cannot be had here, whatever its settings, and the remedy; empty: it can.
  virtual std::string refusal_of(const std::vector<base::DeviceMatch>& /*device*/) const { return {}; }
  // Makes a device, if it is not known yet.
  virtual void add(const base::DeviceAddresses& device) = 0;
  // Other addresses for known devices, all at once: what one gets, another may lose. Throws base::Error, and
  // then they are as they were.
  virtual void move_addresses(std::span<const base::DeviceAddresses> devices) = 0;
  // Replaces the impairment of one direction, without a gap; none: no more.
  virtual void impair(const base::DeviceMatch& match, device::Direction direction,
                      const std::optional<impair::Settings>& settings) = 0;
  // Its packets go unimpaired from now on; those on their way still come out.
  virtual void remove(const base::DeviceMatch& match) = 0;
  // As remove(), but what comes until all is out waits behind it: another back end has the device.
  virtual void let_go(const base::DeviceMatch& match) = 0;
  virtual std::vector<device::DeviceReport> report() const = 0;

  // Keeps copies of a device's packets from now on. Throws base::Error where that cannot be had here.
  virtual void start_capture(const base::DeviceMatch& match) = 0;
  // What was kept since the last call; none: the device is not being captured.
  virtual std::optional<device::Captured> take_captured(const base::DeviceMatch& match) = 0;
  virtual void stop_capture(const base::DeviceMatch& match) = 0;

  // Whether packets can be filtered here; where not, the four functions below do nothing.
  virtual bool has_filters() const { return false; }
  // Puts a filter behind the others; the devices that it names are known.
  virtual void add_filter(device::FilterId /*id*/, const device::Filter& /*filter*/) {}
  virtual void remove_filter(device::FilterId /*id*/) {}
  // What a recording filter kept since the last call.
  virtual device::Captured take_recorded(device::FilterId /*id*/) { return {}; }
  virtual std::vector<device::FilterReport> report_filters() const { return {}; }
};

}  // namespace sennit::shell
