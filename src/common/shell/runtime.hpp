// What client and gateway have in common while they run, made in the only order that works and undone in
// reverse: journal (cleans up after a killed run), TUN device, endpoint, pump, workers, devices, control
// socket. Client and gateway add links or listening sockets, then call run(). The only folder beside them
// that logs. Invariant: whatever was acquired is given back by the destructors, or by the journal of the next
// run.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "api/control_server.hpp"
#include "api/status.hpp"
#include "config/options.hpp"
#include "io/driver.hpp"
#include "io/interface.hpp"
#include "io/journal.hpp"
#include "io/link_monitor.hpp"
#include "io/tun_device.hpp"
#include "shell/backends.hpp"
#include "shell/devices.hpp"
#include "shell/pump.hpp"
#include "shell/rate_memory.hpp"
#include "shell/status.hpp"
#include "shell/stop_signals.hpp"
#include "shell/tunnel_backend.hpp"
#include "shell/tunnel_interface.hpp"
#include "shell/workers.hpp"
#include "tunnel/endpoint.hpp"

namespace sennit::shell {

class Runtime {
 public:
  using InterfacesHandler = std::function<void(std::span<const io::Interface>)>;

  // What impairs devices of which nothing else is said, beside the tunnel.
  using MakeBackend = std::function<std::unique_ptr<DeviceBackend>(io::Journal&, io::Driver&)>;

  // Acquires everything; throws base::Error with the remedy where something is refused. Without
  // `make_backend` only the tunnel impairs devices.
  Runtime(const config::EndpointOptions& options, const tunnel::EndpointConfig& settings,
          const MakeBackend& make_backend = {});
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  // Gives up privileges, calls `begin` (only now may threads be started), works until a stop signal (see
  // stop_signals.hpp), and says goodbye to the peers. Throws base::Error when the TUN device is deleted
  // meanwhile.
  void run(const std::function<void()>& begin = {});

  // Who hears events, after they were logged and the MTU was set.
  void on_event(Pump::EventHandler handler) { on_event_ = std::move(handler); }
  // Who hears that interfaces, addresses or routes have changed.
  void on_interfaces(InterfacesHandler handler) { on_interfaces_ = std::move(handler); }
  // Who says where a path is, for status; without: only the local address of its socket is known.
  void on_place_of(std::function<PathPlace(const tunnel::PathReport&)> place_of) {
    place_of_ = std::move(place_of);
  }

  // Who says what a path was told to receive, for status; without: nobody was told.
  void on_told_rx(std::function<base::BitRate(const tunnel::PathReport&)> told_rx) {
    told_rx_ = std::move(told_rx);
  }

  // The interfaces as they are now.
  std::vector<io::Interface> interfaces() { return monitor_.snapshot(); }
  api::Status status() const;
  // As its socket is bound, with the address that it sends from where the endpoint knows that.
  PathPlace place_of(const tunnel::PathReport& path) const;

  io::Driver& driver() { return driver_; }
  io::Journal& journal() { return journal_; }
  Pump& pump() { return pump_; }
  Workers& workers() { return workers_; }
  TunnelInterface& tunnel() { return tunnel_; }
  api::ControlServer& control() { return control_; }

 private:
  void handle_event(tunnel::Event event);
  void note_change();
  void adapt_policies();
  void pass_interfaces();
  void log_drops_later();
  void remember_rates();
  void remember_rates_later();
  void end();

  config::EndpointOptions options_;
  std::vector<tunnel::PeerConfig> peers_;
  tunnel::Role role_;
  base::Instant started_;
  io::Driver driver_;
  StopSignals stop_signals_{driver_};
  io::Journal journal_;
  io::LinkMonitor monitor_;
  io::TunDevice tun_;
  tunnel::Endpoint endpoint_;
  Pump pump_;
  Workers workers_;
  wire::InnerMtu mtu_;
  TunnelInterface tunnel_;
  TunnelBackend tunnel_backend_;
  std::unique_ptr<DeviceBackend> kernel_backend_;
  Backends backends_;
  Devices devices_;
  api::ControlServer control_;
  boost::asio::steady_timer settle_;  // runs while changes of interfaces are gathered
  bool gathering_ = false;
  Pump::EventHandler on_event_;
  InterfacesHandler on_interfaces_;
  std::function<PathPlace(const tunnel::PathReport&)> place_of_;
  std::function<base::BitRate(const tunnel::PathReport&)> told_rx_;
  std::filesystem::path rates_file_;
  RateMemory rates_;
  boost::asio::steady_timer remember_;
  boost::asio::steady_timer drops_timer_;
  base::DropCounters logged_drops_;
};

// Says each refusal in the log.
void log_refusals(const Refusals& refusals);
// Throws base::Error with the first refusal, if there is one.
void throw_refusals(const Refusals& refusals);

}  // namespace sennit::shell
