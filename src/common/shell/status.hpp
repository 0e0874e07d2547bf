// From the endpoint's report to the status that users see: adds what only the shell knows.
// Called for `sennit status`; pure, so that it can be tried without an endpoint.
#pragma once

#include <functional>
#include <string>

#include "api/status.hpp"
#include "base/address.hpp"
#include "base/time.hpp"
#include "config/values.hpp"
#include "shell/rate_memory.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/report.hpp"

namespace sennit::shell {

// Where a path is on this machine.
struct PathPlace {
  std::string interface;  // empty where it is not known
  base::SocketAddress local;
};

// What is known of a path's rates beside what the endpoint has seen; zero: nothing.
struct KnownRates {
  base::BitRate told_rx;
  HighestRates remembered;
};

// What the endpoint does not know of itself.
struct Surroundings {
  tunnel::Role role = tunnel::Role::kClient;
  base::Duration uptime{};
  std::string tunnel_name;
  config::Mode mode = config::Mode::kAggregate;
  api::OffloadStatus offload = {};
  std::function<PathPlace(const tunnel::PathReport&)> place_of;
  std::function<KnownRates(const std::string& peer, const tunnel::PathReport&)> rates_of;  // none: nothing
};

api::Status status_of(const tunnel::EndpointReport& report, const Surroundings& surroundings);

}  // namespace sennit::shell
