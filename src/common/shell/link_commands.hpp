// `sennit link` and the links of `sennit status`, as commands of the control socket.
// Between api::ControlServer, which speaks JSON, and the client's links, which are plain functions here.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/control_server.hpp"
#include "api/status.hpp"

namespace sennit::shell {

// What a client can be asked about its links and told to do with them; each throws UsageError for an unknown
// link.
struct LinkFunctions {
  std::function<api::Status()> status;  // with the links
  std::function<void(const std::string& link)> enable;
  std::function<void(const std::string& link)> disable;
  std::function<void(const std::string& link,
                     const std::vector<std::pair<std::string, std::string>>& changes)>
      change;
};

// Answers `status`, `link-list`, `link-up`, `link-down` and `link-set`.
void serve_link_commands(api::ControlServer& control, LinkFunctions functions);

// An endpoint that has no links says so: `why`, with the remedy.
void refuse_link_commands(api::ControlServer& control, const std::string& why);

}  // namespace sennit::shell
