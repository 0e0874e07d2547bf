// Connects to the control socket of a running endpoint; what both kinds of its users share (control_client,
// event_stream).
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <string>

namespace sennit::api {

// Throws NoEndpointError when nobody answers there, Error when the socket is not for us.
void connect_control(boost::asio::local::stream_protocol::socket& socket, const std::string& path);
// Throws the Error of an endpoint that does not answer in time.
[[noreturn]] void throw_no_answer(const std::string& path);

}  // namespace sennit::api
