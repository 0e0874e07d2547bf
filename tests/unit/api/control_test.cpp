#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "api/control_client.hpp"
#include "api/control_server.hpp"
#include "api/event_stream.hpp"
#include "api/request.hpp"
#include "api/socket_file.hpp"
#include "base/error.hpp"

namespace sennit::api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;
namespace asio = boost::asio;

// What an action that must fail says.
template <class Failure, class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Failure& error) {
    return error.what();
  }
  return "nothing was thrown";
}

class ControlSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sennit-api-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ / "run" / "control.sock";
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    server_.emplace(context_, path_);
    server_->handle("echo", [](const json& arguments) { return arguments; });
    server_->handle("fail", [](const json&) -> json { throw base::Error("it broke; mend it"); });
    server_->handle("misuse", [](const json&) -> json { throw base::UsageError("no such link"); });
    server_->handle("name", [](const json& arguments) { return arguments.at("name"); });
    thread_ = std::thread([this] { context_.run(); });
  }
  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }
  // Sends raw bytes and returns everything until the server closes the connection.
  std::string send_raw(const std::string& bytes) {
    asio::io_context context;
    asio::local::stream_protocol::socket socket(context);
    socket.connect({path_.string()});
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  asio::io_context context_;
  std::optional<ControlServer> server_;
  std::thread thread_;
};

TEST_F(ControlSocket, AnswersACommand) {
  start();
  const json arguments{{"a", 1}, {"text", "é\n"}};
  EXPECT_EQ(request(path_, "echo", arguments), arguments);
}

TEST_F(ControlSocket, CarriesErrorsWithTheirExitStatus) {
  start();
  EXPECT_EQ(message_of<base::UsageError>([&] { request(path_, "misuse", json::object()); }), "no such link");
  EXPECT_EQ(message_of<base::Error>([&] { request(path_, "fail", json::object()); }), "it broke; mend it");
  EXPECT_EQ(message_of<base::UsageError>([&] { request(path_, "dance", json::object()); }),
            "this endpoint knows no command 'dance'; allowed: events, echo, fail, misuse, name");
  EXPECT_THAT(message_of<base::UsageError>([&] { request(path_, "name", json::object()); }),
              StartsWith("an argument is missing or of the wrong type: "));
}

TEST_F(ControlSocket, SaysThatNobodyAnswers) {
  EXPECT_EQ(
      message_of<base::NoEndpointError>([&] { request(path_, "echo", json::object()); }),
      "no endpoint answers at " + path_.string() + "; is sennit running? name its socket with --control");
}

TEST_F(ControlSocket, TellsEveryEventToEverybodyWhoFollows) {
  start();
  EventStream first(path_);
  EventStream second(path_);
  EXPECT_TRUE(first.wait(10ms).empty()) << "nothing has happened";
  for (int i = 0; i < 3; ++i) {
    asio::post(context_, [this, i] { server_->publish({{"event", "test"}, {"number", i}}); });
  }
  for (auto* stream : {&first, &second}) {
    std::vector<json> told;
    while (told.size() < 3) {
      const auto more = stream->wait(5s);
      ASSERT_FALSE(more.empty());
      told.insert(told.end(), more.begin(), more.end());
    }
    for (int i = 0; i < 3; ++i) EXPECT_EQ(told[static_cast<std::size_t>(i)]["number"], i);
  }
}

TEST_F(ControlSocket, TellsFollowersThatTheEndpointHasEnded) {
  start();
  EventStream events(path_);
  stop();
  EXPECT_THROW(events.wait(5s), base::NoEndpointError);
}

TEST_F(ControlSocket, TellsFollowersThatTheEndpointDoesNotAnswer) {
  server_.emplace(context_, path_);
  EXPECT_THAT(message_of<base::Error>([&] { EventStream(path_, 20ms); }),
              HasSubstr("did not answer in time"));
}

TEST_F(ControlSocket, LeavesAFollowerThatDoesNotRead) {
  start();
  asio::io_context context;
  asio::local::stream_protocol::socket idler(context);
  idler.connect({path_.string()});
  asio::write(idler, asio::buffer(std::string("{\"command\": \"events\"}\n")));
  const json large{{"event", std::string(20'000, 'x')}};
  for (int i = 0; i < 200; ++i) request(path_, "echo", json::object());  // it follows by now
  for (int i = 0; i < 200; ++i) asio::post(context_, [&, this] { server_->publish(large); });
  EXPECT_EQ(request(path_, "echo", large), large);
  std::string told;
  boost::system::error_code error;
  asio::read(idler, asio::dynamic_buffer(told), error);
  EXPECT_EQ(error, asio::error::eof);
  EXPECT_LT(told.size(), 100U * 20'000U) << "less than half of what there was to tell";
}

TEST_F(ControlSocket, GivesUpOnASilentEndpoint) {
  const SocketFile silent(path_);
  EXPECT_THAT(message_of<base::Error>([&] { request(path_, "echo", json::object(), 50ms); }),
              HasSubstr("did not answer in time"));
}

TEST_F(ControlSocket, RefusesGarbageAndCloses) {
  start();
  EXPECT_EQ(send_raw("hello\n"), R"({"error":"the request is not a JSON object","exit":2,"ok":false})"
                                 "\n");
  EXPECT_THAT(send_raw("{}\n"), HasSubstr(R"(no \"command\" string)"));
  EXPECT_THAT(send_raw(R"({"command":"echo","arguments":[]})"
                       "\n"),
              HasSubstr("are not an object"));
}

TEST_F(ControlSocket, RefusesAnOverlongRequestAndCloses) {
  start();
  EXPECT_THAT(send_raw(std::string(64 * 1024, 'x')), HasSubstr("longer than 64 KiB"));
}

TEST_F(ControlSocket, TakesAtMostThirtyTwoConnections) {
  start();
  asio::io_context context;
  std::vector<std::unique_ptr<asio::local::stream_protocol::socket>> held;
  const std::string question = R"({"command":"echo"})"
                               "\n";
  for (int i = 0; i < 33; ++i) {
    held.push_back(std::make_unique<asio::local::stream_protocol::socket>(context));
    held.back()->connect({path_.string()});
  }
  boost::system::error_code error;
  std::string answer(8, ' ');
  asio::write(*held[31], asio::buffer(question), error);
  EXPECT_EQ(asio::read(*held[31], asio::buffer(answer), error), 8U);
  EXPECT_EQ(asio::read(*held[32], asio::buffer(answer), error), 0U);
}

TEST_F(ControlSocket, IsForItsOwnerAndGroupOnly) {
  start();
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0660U);
  const auto* group = getgrnam("sennit");
  if (group && getuid() == 0) {
    EXPECT_EQ(status.st_gid, group->gr_gid);
  }
  ASSERT_EQ(stat(path_.parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(ControlSocket, LeavesNothingBehind) {
  start();
  EXPECT_TRUE(std::filesystem::exists(path_));
  stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_.parent_path()));
}

TEST_F(ControlSocket, IsNotTakenFromARunningEndpoint) {
  start();
  EXPECT_EQ(message_of<base::Error>([&] { SocketFile second(path_); }),
            "control socket " + path_.string() +
                ": another endpoint answers there; stop it or choose another with --control");
  EXPECT_EQ(request(path_, "echo", json::object()), json::object());
}

// A crash leaves the file, and nobody listens.
void leave_stale_socket(const std::filesystem::path& path) {
  asio::io_context context;
  asio::local::stream_protocol::acceptor crashed(context, {path.string()});
}

TEST_F(ControlSocket, ReplacesWhatACrashLeft) {
  std::filesystem::create_directory(path_.parent_path());
  leave_stale_socket(path_);
  ASSERT_TRUE(std::filesystem::exists(path_));
  start();
  EXPECT_EQ(request(path_, "echo", json::object()), json::object());
}

TEST_F(ControlSocket, DoesNotReplaceAFile) {
  std::filesystem::create_directory(path_.parent_path());
  std::ofstream(path_) << "precious";
  EXPECT_THAT(message_of<base::Error>([&] { SocketFile file(path_); }),
              HasSubstr("a file that is no socket is in the way"));
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(ControlSocket, RemovesOnlyItsOwnFile) {
  start();
  std::filesystem::remove(path_);
  leave_stale_socket(path_);
  stop();
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(ControlSocket, RefusesAPathThatFitsNoSocket) {
  EXPECT_THAT(message_of<base::Error>([&] { SocketFile file(folder_ / std::string(120, 'a')); }),
              HasSubstr("the path must have 1 to 107 bytes"));
}

TEST(Requests, AreAnsweredWhateverTheyHold) {
  const ControlHandlers handlers{{"x", [](const json&) -> json { return "\xff"; }}};
  EXPECT_EQ(answer_request(R"({"command":"x"})", handlers).line,
            "{\"ok\":true,\"result\":\"\xef\xbf\xbd\"}\n");
  for (const auto& text : {std::string(60000, '['), std::string("\0\xff", 2), std::string("{\"command\":1}"),
                           std::string("null")}) {
    EXPECT_FALSE(answer_request(text, handlers).understood);
  }
}

}  // namespace
}  // namespace sennit::api
