// Asks a running endpoint something through its control socket, and waits for the answer.
// Used by `sennit status` and `sennit link`; the other end is control_server.hpp.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/time.hpp"

namespace sennit::api {

inline constexpr base::Duration kAnswerTimeout = std::chrono::seconds(5);

// The result of the command. Throws NoEndpointError when nobody answers there, UsageError or Error as the
// endpoint says, and Error when the answer does not come in time.
nlohmann::json request(const std::filesystem::path& socket, const std::string& command,
                       const nlohmann::json& arguments, base::Duration timeout = kAnswerTimeout);

}  // namespace sennit::api
