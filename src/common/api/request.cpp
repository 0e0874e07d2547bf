#include "api/request.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace sennit::api {

namespace {

using nlohmann::json;

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

std::string to_line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string failure(std::string_view sentence, int exit_status) {
  return to_line({{"ok", false}, {"error", sentence}, {"exit", exit_status}});
}

std::string run(const ControlHandler& handler, const json& arguments) {
  try {
    return to_line({{"ok", true}, {"result", handler(arguments)}});
  } catch (const base::UsageError& error) {
    return failure(error.what(), kWrongUsage);
  } catch (const json::exception& error) {
    return failure(std::string("an argument is missing or of the wrong type: ") + error.what(), kWrongUsage);
  } catch (const std::exception& error) {
    return failure(error.what(), kFailed);
  }
}

std::string unknown_command(const std::string& command, const ControlHandlers& handlers) {
  std::string names = kEventsCommand;
  for (const auto& [name, handler] : handlers) names += ", " + name;
  return failure("this endpoint knows no command '" + command + "'; allowed: " + names, kWrongUsage);
}

}  // namespace

Answer refusal(std::string_view sentence) {
  return {failure(sentence, kWrongUsage), false, false};
}

Answer answer_request(std::string_view line, const ControlHandlers& handlers) {
  const auto request = json::parse(line, nullptr, false);
  if (!request.is_object()) return refusal("the request is not a JSON object");
  const auto command = request.find("command");
  if (command == request.end() || !command->is_string())
    return refusal("the request has no \"command\" string");
  const auto arguments = request.value("arguments", json::object());
  if (!arguments.is_object()) return refusal("the request's \"arguments\" are not an object");
  if (*command == kEventsCommand) return {to_line({{"ok", true}, {"result", json::object()}}), true, true};
  const auto handler = handlers.find(command->get<std::string>());
  if (handler == handlers.end()) return {unknown_command(command->get<std::string>(), handlers), true, false};
  return {run(handler->second, arguments), true, false};
}

}  // namespace sennit::api
