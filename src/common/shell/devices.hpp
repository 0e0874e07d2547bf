// The devices while an endpoint runs: applies what the book says to the back ends, gives devices that are
// known by MAC address the addresses that the LAN says, keeps all in the store, ends what has expired, plays
// timelines. Between the control socket (device_commands.hpp) and the back ends.
// A change is applied between two packets, and then saved; where either is refused, nothing has changed. What
// a timeline sets is not saved. Invariant: a device's back end impairs what the book says, whatever was
// refused.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/devices.hpp"
#include "config/options.hpp"
#include "config/timeline.hpp"
#include "io/driver.hpp"
#include "shell/backends.hpp"
#include "shell/device_book.hpp"
#include "shell/device_store.hpp"
#include "shell/filters.hpp"
#include "shell/lan.hpp"

namespace sennit::shell {

class Devices {
 public:
  // Applies the configured devices and what `file` holds of earlier runs. `driver` and `backends` outlive it.
  // Throws base::Error where the file cannot be used, or a configured device cannot be impaired.
  Devices(const config::EndpointOptions& options, const std::filesystem::path& file, io::Driver& driver,
          Backends& backends, LanView view);
  Devices(const Devices&) = delete;
  Devices& operator=(const Devices&) = delete;

  // As DeviceBook's; throw UsageError, and base::Error where they cannot be saved.
  void set(const std::string& name, const config::DeviceChange& change,
           std::optional<base::Duration> duration);
  void clear(const std::string& name);
  void clear_all();
  // Plays from now on, in place of what is playing. Throws UsageError where any step could not be done.
  void play(config::Timeline timeline);
  void stop();

  // Keeps copies of the packets of a known device until stop_capture(), or until nobody takes them any more.
  // Throw UsageError for names that are none, and where the device is captured already, or is not.
  void start_capture(const std::string& name);
  device::Captured take_captured(const std::string& name);
  void stop_capture(const std::string& name);

  // The packet filters, which name devices of here.
  Filters& filters() { return filters_; }
  const Filters& filters() const { return filters_; }

  std::vector<api::DeviceStatus> status() const;
  // Throws UsageError for a name that is none.
  api::DeviceStatus status_of_one(const std::string& name) const;
  std::vector<api::ProfileStatus> profiles() const;

  // The addresses and networks that are a device's own now.
  std::vector<base::Prefix> addresses_of(const std::vector<base::DeviceMatch>& matches) const;
  // Who hears that addresses_of() says something else of a device.
  void on_addresses(std::function<void()> handler) { on_addresses_ = std::move(handler); }

 private:
  void start(const Device& device);
  void restore_filters();
  void restore_filter(const StoredFilter& stored);
  void add(const Device& device, DeviceBackend& backend);
  static void refuse_misplaced(const Device& device, const DeviceBackend& backend);
  void remove(const base::DeviceMatch& match);
  void settle_addresses();
  void carry_out(const DeviceBook::Plan& plan);
  void take_back(const DeviceBook::Plan& plan);
  using Directions = std::vector<device::Direction>;
  void apply(const Device& device, const Directions& directions);
  void apply_whole(const Device& device);
  void apply_changed(const Device& device, const Directions& directions);
  void end(const std::vector<DeviceBook::Ended>& ended);
  std::vector<api::DeviceStatus> status_of(const std::vector<Device>& devices) const;
  void save(const std::vector<DeviceBook::Ended>& ended);
  void expire();
  void expire_later();
  void play_due();
  void play_step(const config::TimelineStep& step);
  void play_later();
  void check(const DeviceBook::Plan& plan) const;
  void end_capture(const base::DeviceMatch& match);
  void end_capture_later(const base::DeviceMatch& match);
  std::vector<api::DeviceStatus> with_filters(std::vector<api::DeviceStatus> devices) const;

  io::Driver& driver_;
  Backends& backends_;
  DeviceBook book_;
  DeviceStore store_;
  Lan lan_;
  std::map<base::MacAddress, std::vector<base::Prefix>> lan_addresses_;  // as the back end has them
  std::function<void()> on_addresses_;
  boost::asio::steady_timer expiry_timer_;
  boost::asio::steady_timer step_timer_;
  std::map<base::DeviceMatch, boost::asio::steady_timer> captures_;  // each ends with its timer
  config::Timeline timeline_;
  std::size_t next_step_ = 0;
  std::chrono::steady_clock::time_point round_began_;
  Filters filters_;
};

}  // namespace sennit::shell
