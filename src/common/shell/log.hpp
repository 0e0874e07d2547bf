// What a run says on standard error: its start, and one line for each event. Never one for a packet, never a
// secret. The core does not log; client and gateway hand its events here.
#pragma once

#include <span>
#include <string>

#include "base/drop.hpp"
#include "config/options.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/event.hpp"

namespace sennit::shell {

// Sends spdlog to standard error, from this level on.
void set_up_log(config::LogLevel level);

// Everything needed to repeat the run: version, role, seed, where the configuration came from, our public
// key.
void log_start(const config::EndpointOptions& options, const tunnel::EndpointConfig& settings);

// `peers` in the order of their PeerIds.
void log_event(const tunnel::Event& event, std::span<const tunnel::PeerConfig> peers);

// What was dropped since, by reason: "bad_tag 3, no_peer 1"; empty where nothing was.
std::string grown_drops(const base::DropCounters& before, const base::DropCounters& now);

// "10.77.0.2/24, fd77::2/64", or "none".
std::string join(std::span<const base::Prefix> prefixes);

}  // namespace sennit::shell
