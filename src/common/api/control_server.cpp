// Theory of operation: Listener accepts; each Connection reads a line, has it answered, writes the answer and
// reads on. Pending operations keep Listener and Connections alive; ~ControlServer closes their sockets,
// which ends those operations.
#include "api/control_server.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "api/request.hpp"
#include "api/socket_file.hpp"

namespace sennit::api {

namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;
using boost::system::error_code;

constexpr std::size_t kLongestRequest = 65'536;
constexpr std::size_t kMostUnread = 262'144;
constexpr std::size_t kMostConnections = 32;
constexpr std::chrono::seconds kIdle{10};
constexpr std::chrono::milliseconds kAcceptRetry{100};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, std::shared_ptr<const ControlHandlers> handlers)
      : socket_(std::move(socket)), idle_(socket_.get_executor()), handlers_(std::move(handlers)) {}

  void read() {
    restart_idle_timer();
    asio::async_read_until(
        socket_, asio::dynamic_buffer(received_, kLongestRequest), '\n',
        [self = shared_from_this()](error_code error, std::size_t length) { self->on_line(error, length); });
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    idle_.cancel();
  }

  // One more line for a connection that follows the events; a reader that does not read is left.
  void tell(const std::string& line) {
    if (!follows_ || !socket_.is_open()) return;
    if (untold_.size() + line.size() > kMostUnread) return close();
    untold_ += line;
    tell_more();
  }

 private:
  void on_line(error_code error, std::size_t length) {
    if (error == asio::error::not_found) return write(refusal("the request is longer than 64 KiB"));
    if (error) return close();
    const auto answer = answer_request(std::string_view(received_).substr(0, length - 1), *handlers_);
    received_.erase(0, length);
    write(answer);
  }

  void write(const Answer& answer) {
    if (answer.follows) return follow(answer);
    sent_ = answer.line;
    restart_idle_timer();
    asio::async_write(socket_, asio::buffer(sent_),
                      [self = shared_from_this(), more = answer.understood](error_code error, std::size_t) {
                        if (error || !more) return self->close();
                        self->read();
                      });
  }

  // From now on there are only events; the read tells when the other side closes.
  void follow(const Answer& answer) {
    follows_ = true;
    idle_.cancel();
    asio::async_read_until(socket_, asio::dynamic_buffer(received_, kLongestRequest), '\n',
                           [self = shared_from_this()](error_code, std::size_t) { self->close(); });
    tell(answer.line);
  }

  void tell_more() {
    if (is_telling_ || untold_.empty()) return;
    is_telling_ = true;
    sent_ = std::exchange(untold_, {});
    asio::async_write(socket_, asio::buffer(sent_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        self->is_telling_ = false;
                        if (error) return self->close();
                        self->tell_more();
                      });
  }

  void restart_idle_timer() {
    idle_.expires_after(kIdle);
    idle_.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (!error && self) self->close();
    });
  }

  Socket socket_;
  asio::steady_timer idle_;
  std::shared_ptr<const ControlHandlers> handlers_;
  std::string received_;
  std::string sent_;
  std::string untold_;
  bool follows_ = false;
  bool is_telling_ = false;
};

}  // namespace

class ControlServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& context, const std::filesystem::path& path)
      : file_(std::in_place, path),
        acceptor_(context, asio::local::stream_protocol(), file_->release()),
        retry_(context) {}

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, Socket socket) {
      if (!self->acceptor_.is_open()) return;
      if (error) return self->accept_later();
      self->welcome(std::move(socket));
      self->accept();
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    file_.reset();
    for (const auto& connection : connections_) {
      if (const auto alive = connection.lock()) alive->close();
    }
  }

  void handle(const std::string& command, ControlHandler handler) {
    (*handlers_)[command] = std::move(handler);
  }

  void publish(const std::string& line) {
    for (const auto& connection : connections_) {
      if (const auto alive = connection.lock()) alive->tell(line);
    }
  }

 private:
  // One more than allowed is closed at once, by going out of scope.
  void welcome(Socket socket) {
    std::erase_if(connections_, [](const auto& connection) { return connection.expired(); });
    if (connections_.size() >= kMostConnections) return;
    const auto connection = std::make_shared<Connection>(std::move(socket), handlers_);
    connections_.push_back(connection);
    connection->read();
  }

  // Out of descriptors, as a rule: trying again at once would only spin.
  void accept_later() {
    retry_.expires_after(kAcceptRetry);
    retry_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->accept();
    });
  }

  std::optional<SocketFile> file_;
  asio::local::stream_protocol::acceptor acceptor_;
  asio::steady_timer retry_;
  std::shared_ptr<ControlHandlers> handlers_ = std::make_shared<ControlHandlers>();
  std::vector<std::weak_ptr<Connection>> connections_;
};

ControlServer::ControlServer(asio::io_context& context, const std::filesystem::path& path)
    : listener_(std::make_shared<Listener>(context, path)) {
  listener_->accept();
}

ControlServer::~ControlServer() {
  listener_->close();
}

void ControlServer::handle(const std::string& command, ControlHandler handler) {
  listener_->handle(command, std::move(handler));
}

void ControlServer::publish(const nlohmann::json& event) {
  listener_->publish(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace sennit::api
