#include "shell/filter_commands.hpp"

#include <nlohmann/json.hpp>

#include "api/control_client.hpp"
#include "api/filters.hpp"
#include "base/error.hpp"
#include "shell/printing.hpp"

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

constexpr int kDone = 0;

// Filters travel as words, and are read again at the other end.
config::FilterOptions filter_of(const Json& arguments) {
  const auto filter = config::parse_filter(arguments.at("words").get<std::vector<std::string>>(), {});
  if (!filter) throw base::UsageError("filter add: " + config::to_string(filter.invalid()));
  return *filter;
}

}  // namespace

void serve_filter_commands(api::ControlServer& control, Devices& devices) {
  control.handle("filter-list", [&](const Json&) { return api::to_json(devices.filters().status()); });
  control.handle("filter-add", [&](const Json& arguments) {
    return Json{{"number", devices.filters().add(filter_of(arguments))}};
  });
  control.handle("filter-delete", [&](const Json& arguments) {
    devices.filters().remove(arguments.at("number").get<std::uint32_t>());
    return Json::object();
  });
  control.handle("filter-clear", [&](const Json&) {
    devices.filters().clear();
    return Json::object();
  });
}

int run_command(const config::FilterListCommand& command) {
  const Json filters = api::request(command.control, "filter-list", Json::object());
  print(command.json ? pretty(filters) : api::to_table(api::filters_from_json(filters)));
  return kDone;
}

int run_command(const config::FilterAddCommand& command) {
  const Json done =
      api::request(command.control, "filter-add", {{"words", config::filter_words(command.filter)}});
  print(std::to_string(done.at("number").get<std::uint32_t>()) + "\n");
  return kDone;
}

int run_command(const config::FilterDeleteCommand& command) {
  api::request(command.control, "filter-delete", {{"number", command.number}});
  return kDone;
}

int run_command(const config::FilterClearCommand& command) {
  api::request(command.control, "filter-clear", Json::object());
  return kDone;
}

}  // namespace sennit::shell
