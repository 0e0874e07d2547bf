#include "shell/commands.hpp"

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/control_client.hpp"
#include "api/event_stream.hpp"
#include "api/status.hpp"
#include "api/table.hpp"
#include "base/error.hpp"
#include "config/check.hpp"
#include "config/key_file.hpp"
#include "shell/printing.hpp"

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

constexpr int kDone = 0;
constexpr int kWrongUsage = 2;
// Cursor to the top left corner, and everything behind it cleared (ECMA-48).
constexpr const char* kClearScreen = "\x1b[H\x1b[J";

std::string status_text(const config::StatusCommand& command) {
  const Json status = api::request(command.control, "status", Json::object());
  return command.json ? pretty(status) : api::to_table(api::status_from_json(status));
}

// A line every so often, and at once when something happens: the status, with what has happened since the
// line before.
int follow_status(const config::StatusCommand& command) {
  api::EventStream events(command.control);
  for (auto happened = std::vector<Json>();; happened = events.wait(*command.watch)) {
    Json status = api::request(command.control, "status", Json::object());
    status["events"] = happened;
    print(status.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

int tell_link(const std::filesystem::path& control, const std::string& verb, const Json& arguments) {
  api::request(control, verb, arguments);
  return kDone;
}

}  // namespace

int run_command(const config::KeygenCommand& command) {
  const auto key = crypto::PrivateKey::generate();
  if (command.out) {
    config::write_private_key(*command.out, key);
    print(key.public_key().to_base64() + "\n");
  } else {
    print(key.to_base64() + "\n");
  }
  return kDone;
}

int run_command(const config::PubkeyCommand& command) {
  if (command.file) {
    print(config::read_private_key(*command.file).public_key().to_base64() + "\n");
    return kDone;
  }
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  print(config::private_key_from_text(text, "standard input").public_key().to_base64() + "\n");
  return kDone;
}

int run_command(const config::CheckCommand& command) {
  const auto [problems, notes] = config::check_file(command.file);
  for (const auto& problem : problems) std::cerr << problem << "\n";
  for (const auto& note : notes) std::cerr << "note: " << note << "\n";
  if (!problems.empty()) return kWrongUsage;
  print(command.file.string() + ": ok\n");
  return kDone;
}

int run_command(const config::StatusCommand& command) {
  if (command.watch && command.json) return follow_status(command);
  const bool clears = command.watch.has_value();
  print((clears ? kClearScreen : "") + status_text(command));
  while (command.watch) {
    std::this_thread::sleep_for(*command.watch);
    print((clears ? kClearScreen : "") + status_text(command));
  }
  return kDone;
}

int run_command(const config::LinkListCommand& command) {
  const Json links = api::request(command.control, "link-list", Json::object());
  print(command.json ? pretty(links) : api::to_table(api::links_from_json(links)));
  return kDone;
}

int run_command(const config::LinkSetCommand& command) {
  Json changes = Json::array();
  for (const auto& [key, value] : command.changes) changes.push_back({{"key", key}, {"value", value}});
  return tell_link(command.control, "link-set", {{"link", command.link}, {"changes", changes}});
}

int run_command(const config::LinkUpCommand& command) {
  return tell_link(command.control, "link-up", {{"link", command.link}});
}

int run_command(const config::LinkDownCommand& command) {
  return tell_link(command.control, "link-down", {{"link", command.link}});
}

int run_command(const config::ExitCommand& command) {
  print(command.text);
  return command.status;
}

}  // namespace sennit::shell
