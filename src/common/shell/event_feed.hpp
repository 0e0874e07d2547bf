// The endpoint's events as the control socket tells them to scripts (`sennit status --watch --json`).
// Beside log.hpp, which tells the same to people. Keys are promised in the man page sennit(1).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "tunnel/endpoint_config.hpp"
#include "tunnel/event.hpp"

namespace sennit::shell {

// One object; `peers` in the order of their PeerIds. Null for what is no matter of scripts.
nlohmann::json to_json(const tunnel::Event& event, std::span<const tunnel::PeerConfig> peers);

}  // namespace sennit::shell
