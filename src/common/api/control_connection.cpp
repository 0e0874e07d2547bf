#include "api/control_connection.hpp"

#include "base/error.hpp"

namespace sennit::api {

namespace {

using Protocol = boost::asio::local::stream_protocol;

[[noreturn]] void throw_no_endpoint(const std::string& path) {
  throw base::NoEndpointError("no endpoint answers at " + path +
                              "; is sennit running? name its socket with --control");
}

Protocol::endpoint endpoint_at(const std::string& path) {
  constexpr std::size_t kLongestPath = 107;
  if (path.empty() || path.size() > kLongestPath) throw_no_endpoint(path);
  return {path};
}

}  // namespace

void throw_no_answer(const std::string& path) {
  throw base::Error(path + ": the endpoint did not answer in time; is it overloaded or stopped?");
}

void connect_control(Protocol::socket& socket, const std::string& path) {
  boost::system::error_code error;
  socket.open(Protocol(), error);
  socket.non_blocking(true, error);
  socket.connect(endpoint_at(path), error);
  if (!error) return;
  if (error == boost::system::errc::permission_denied) {
    throw base::Error(path + ": permission denied; use sudo or join the group `sennit`");
  }
  if (error == boost::system::errc::resource_unavailable_try_again) {
    throw base::Error(path + ": the endpoint has no room for another connection; try again");
  }
  throw_no_endpoint(path);
}

}  // namespace sennit::api
