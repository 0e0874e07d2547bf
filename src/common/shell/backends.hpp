// The back ends that an endpoint has, and which of them impairs which device.
// Between Devices and the back ends. A device moves from one to the other make-before-break: the new one is
// given it first, the old one lets it go a moment later, in order. Invariant: a device that move() was told
// of is impaired by that back end from then on, and by another for no longer than its packets are on their
// way there. Reasons: docs/shaping.md, "From one back end to the other".
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <vector>

#include "config/values.hpp"
#include "io/driver.hpp"
#include "shell/device_backend.hpp"

namespace sennit::shell {

class Backends {
 public:
  // All outlive it. `configured` has the devices of which nothing else was said.
  Backends(io::Driver& driver, DeviceBackend& configured, DeviceBackend* other = nullptr);
  Backends(const Backends&) = delete;
  Backends& operator=(const Backends&) = delete;

  // The back end of this name; none: the configured one. Throws UsageError where it is not there.
  DeviceBackend& named(const std::optional<config::Shaping>& name) const;
  // The one that has the device; the configured one where none has.
  DeviceBackend& of(const base::DeviceMatch& match) const;
  // Why these settings cannot be had from that back end, and the remedy; empty: they can.
  std::string refusal(const DeviceBackend& backend, const impair::Settings& settings) const;

  // From now on `to`, which impairs the device already, has it; who had it lets it go.
  void move(const base::DeviceMatch& match, DeviceBackend& to);
  // Nobody has it any more.
  void remove(const base::DeviceMatch& match);
  // Other addresses for devices, by the back ends that have them. Throws base::Error.
  void move_addresses(const std::vector<base::DeviceAddresses>& devices);
  // Of each device what its own back end tells.
  std::vector<device::DeviceReport> report() const;

 private:
  void let_go_later(const base::DeviceMatch& match, DeviceBackend& from);

  io::Driver& driver_;
  std::vector<DeviceBackend*> all_;  // the configured one first
  std::map<base::DeviceMatch, DeviceBackend*> owners_;
  std::map<base::DeviceMatch, boost::asio::steady_timer> hand_overs_;
};

}  // namespace sennit::shell
