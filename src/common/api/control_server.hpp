// Answers requests at the control socket: one line of JSON in, one line of JSON out.
//   {"command": "status", "arguments": {…}}  ->  {"ok": true, "result": …}
//                                            or  {"ok": false, "error": "a sentence", "exit": 1|2}
// The command "events" is answered likewise, and then by a line of JSON for every event, until either side
// closes. Runs on an io_context of its owner and in its threads; knows no other command itself.
// Invariant: whatever a client of the socket sends costs at most 64 KiB and one of 32 connections, for 10
// idle seconds (events: until it has left 256 KiB unread).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace boost::asio {
class io_context;
}

namespace sennit::api {

// Takes the arguments (an object), gives the result; throws Error (exit 1) or UsageError (exit 2) with one
// sentence.
using ControlHandler = std::function<nlohmann::json(const nlohmann::json& arguments)>;

class ControlServer {
 public:
  // Listens at `path` (see SocketFile for what is refused).
  ControlServer(boost::asio::io_context& context, const std::filesystem::path& path);
  // Closes every connection and removes the socket's file.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // Registers what answers a command, in place of an earlier one of that name.
  void handle(const std::string& command, ControlHandler handler);
  // Tells an event, an object, to everybody who asked for events.
  void publish(const nlohmann::json& event);

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace sennit::api
