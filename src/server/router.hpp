// A running `sennit shaper`: a router that impairs the traffic of devices by the kernel's tc, without any
// tunnel. Made in the only order that works and undone in reverse: journal (cleans up after a killed run),
// back end, devices, control socket.
// Does not forward: that is the kernel's, and whether it does is the user's matter.
#pragma once

#include "api/control_server.hpp"
#include "api/status.hpp"
#include "config/options.hpp"
#include "io/driver.hpp"
#include "io/journal.hpp"
#include "server/tc_backend.hpp"
#include "shell/devices.hpp"
#include "shell/stop_signals.hpp"

namespace sennit::server {

class Router {
 public:
  // Acquires what it needs; throws base::Error where something is refused.
  explicit Router(const config::ShaperOptions& options);
  // Works until it is told to stop.
  void run();

 private:
  api::Status status() const;

  base::Instant started_;
  io::Driver driver_;
  shell::StopSignals stop_signals_{driver_};
  io::Journal journal_;
  TcBackend backend_;
  shell::Backends backends_;
  shell::Devices devices_;
  api::ControlServer control_;
};

}  // namespace sennit::server
