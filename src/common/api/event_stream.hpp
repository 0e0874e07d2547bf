// Follows the events of a running endpoint through its control socket: one connection, one object an event.
// Used by `sennit status --watch --json`; the other end is ControlServer::publish(). Events are not kept for
// who is not there: what happened before is in the status.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "api/control_client.hpp"
#include "base/time.hpp"

namespace sennit::api {

class EventStream {
 public:
  // Throws as request() does.
  explicit EventStream(const std::filesystem::path& socket, base::Duration timeout = kAnswerTimeout);
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // The events that have come since the last call; waits for the first of them, so long at the most. Throws
  // NoEndpointError when the endpoint is gone.
  std::vector<nlohmann::json> wait(base::Duration most);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace sennit::api
