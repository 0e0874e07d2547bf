#include "api/control_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/control_connection.hpp"
#include "base/error.hpp"

namespace sennit::api {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using nlohmann::json;

// An answer lists at most some thousand peers; more than this is not an answer.
constexpr std::size_t kLongestAnswer = std::size_t{64} << 20U;

// One connection, one question, one line of answer.
class Exchange {
 public:
  Exchange(const std::filesystem::path& path, std::string question)
      : path_(path.string()), socket_(context_), question_(std::move(question)) {}

  // The answer's line; throws as request() does.
  std::string run(base::Duration timeout) {
    connect_control(socket_, path_);
    asio::async_write(socket_, asio::buffer(question_), [this](error_code error, std::size_t) {
      if (error) return finish(error);
      read();
    });
    context_.run_for(timeout);
    if (!outcome_) throw_no_answer(path_);
    if (*outcome_) throw base::Error(path_ + ": the endpoint closed the connection: " + outcome_->message());
    return answer_;
  }

 private:
  void read() {
    asio::async_read_until(socket_, asio::dynamic_buffer(received_, kLongestAnswer), '\n',
                           [this](error_code error, std::size_t length) {
                             answer_ = received_.substr(0, length);
                             finish(error);
                           });
  }

  void finish(error_code error) { outcome_ = error; }

  std::string path_;
  asio::io_context context_;
  asio::local::stream_protocol::socket socket_;
  std::string question_;
  std::string received_;
  std::string answer_;
  std::optional<error_code> outcome_;
};

json result_of(const json& answer) {
  if (answer.is_object() && answer.value("ok", false)) return answer.value("result", json());
  if (!answer.is_object() || !answer.contains("error"))
    throw base::Error("the endpoint's answer is not understood");
  constexpr int kWrongUsage = 2;
  const auto sentence = answer.at("error").get<std::string>();
  if (answer.value("exit", 1) == kWrongUsage) throw base::UsageError(sentence);
  throw base::Error(sentence);
}

}  // namespace

nlohmann::json request(const std::filesystem::path& socket, const std::string& command,
                       const nlohmann::json& arguments, base::Duration timeout) {
  const json question{{"command", command}, {"arguments", arguments}};
  Exchange exchange(socket, question.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  const auto line = exchange.run(timeout);
  try {
    return result_of(json::parse(line));
  } catch (const json::exception& error) {
    throw base::Error(std::string("the endpoint's answer is not understood: ") + error.what());
  }
}

}  // namespace sennit::api
