#include "shell/link_commands.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

std::string link_of(const Json& arguments) {
  return arguments.at("link").get<std::string>();
}

std::vector<std::pair<std::string, std::string>> changes_of(const Json& arguments) {
  std::vector<std::pair<std::string, std::string>> changes;
  for (const Json& change : arguments.at("changes")) {
    changes.emplace_back(change.at("key").get<std::string>(), change.at("value").get<std::string>());
  }
  return changes;
}

}  // namespace

void serve_link_commands(api::ControlServer& control, LinkFunctions functions) {
  control.handle("status",
                 [status = functions.status](const Json& /*arguments*/) { return api::to_json(status()); });
  control.handle("link-list", [status = functions.status](const Json& /*arguments*/) {
    return api::to_json(status().links);
  });
  control.handle("link-up", [enable = std::move(functions.enable)](const Json& arguments) {
    enable(link_of(arguments));
    return Json::object();
  });
  control.handle("link-down", [disable = std::move(functions.disable)](const Json& arguments) {
    disable(link_of(arguments));
    return Json::object();
  });
  control.handle("link-set", [change = std::move(functions.change)](const Json& arguments) {
    change(link_of(arguments), changes_of(arguments));
    return Json::object();
  });
}

void refuse_link_commands(api::ControlServer& control, const std::string& why) {
  for (const auto* command : {"link-list", "link-set", "link-up", "link-down"}) {
    control.handle(command, [why](const Json& /*arguments*/) -> Json { throw base::UsageError(why); });
  }
}

}  // namespace sennit::shell
