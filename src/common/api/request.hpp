// One request of the control socket, from its line of text to the line of the answer.
// A pure function beneath control_server, so that any input can be tried without a socket.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/control_server.hpp"

namespace sennit::api {

using ControlHandlers = std::map<std::string, ControlHandler, std::less<>>;

// Asks for events instead of a result: answered at once, and then with a line each.
inline constexpr const char* kEventsCommand = "events";

struct Answer {
  std::string line;        // with the line break
  bool understood = true;  // false: the request was no request, and the connection is to be closed
  bool follows = false;    // true: the connection shall be told of every event from now on
};

// Finds the handler and runs it; never throws.
Answer answer_request(std::string_view line, const ControlHandlers& handlers);

// The answer to something that is not a request.
Answer refusal(std::string_view sentence);

}  // namespace sennit::api
