#include "api/event_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "api/control_connection.hpp"
#include "api/request.hpp"
#include "base/error.hpp"

namespace sennit::api {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using nlohmann::json;

}  // namespace

class EventStream::Connection {
 public:
  Connection(std::string path, base::Duration timeout) : path_(std::move(path)), socket_(context_) {
    connect_control(socket_, path_);
    asio::write(socket_, asio::buffer(question_), error_);
    read();
    context_.run_for(timeout);
    if (is_reading_) throw_no_answer(path_);
    if (lines_.empty() || !lines_.front().value("ok", false))
      throw base::Error(path_ + ": the endpoint does not tell events; is it of another version?");
    lines_.clear();
  }

  std::vector<json> wait(base::Duration most) {
    if (lines_.empty() && !error_) {
      context_.restart();
      read();
      context_.run_for(most);
    }
    if (lines_.empty() && error_) throw base::NoEndpointError(path_ + ": the endpoint has ended");
    return std::exchange(lines_, {});
  }

 private:
  // One read is under way at the most; it goes on over calls of wait().
  void read() {
    if (std::exchange(is_reading_, true)) return;
    asio::async_read_until(socket_, asio::dynamic_buffer(received_), '\n',
                           [this](error_code error, std::size_t) { take(error); });
  }

  void take(error_code error) {
    is_reading_ = false;
    error_ = error;
    for (auto end = received_.find('\n'); end != std::string::npos; end = received_.find('\n')) {
      auto line = json::parse(received_.substr(0, end), nullptr, false);
      received_.erase(0, end + 1);
      if (line.is_object()) lines_.push_back(std::move(line));
    }
  }

  std::string path_;
  asio::io_context context_;
  asio::local::stream_protocol::socket socket_;
  std::string question_ = json{{"command", kEventsCommand}}.dump() + "\n";
  std::string received_;
  std::vector<json> lines_;
  error_code error_;
  bool is_reading_ = false;
};

EventStream::EventStream(const std::filesystem::path& socket, base::Duration timeout)
    : connection_(std::make_unique<Connection>(socket.string(), timeout)) {}

EventStream::~EventStream() = default;

std::vector<nlohmann::json> EventStream::wait(base::Duration most) {
  return connection_->wait(most);
}

}  // namespace sennit::api
