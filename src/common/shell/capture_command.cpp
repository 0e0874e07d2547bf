#include "shell/capture_command.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "api/control_client.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "device/capture.hpp"
#include "io/clock.hpp"
#include "wire/pcapng.hpp"

namespace sennit::shell {

namespace {

using Json = nlohmann::json;
using device::Point;

constexpr std::chrono::milliseconds kFetchEvery{100};
constexpr std::array kPointNames{"before", "after"};  // by Point

std::string device_of(const Json& arguments) {
  return arguments.at("device").get<std::string>();
}

Json encode(const device::CapturedPacket& packet, base::Now now) {
  std::string bytes;
  base::append_hex(bytes, packet.bytes);
  return {{"at_ns", (now.wall - (now.monotonic - packet.at)).time_since_epoch().count()},
          {"after", packet.point == Point::kAfter},
          {"up", packet.direction == device::Direction::kUp},
          {"bytes", std::move(bytes)}};
}

Json encode(const device::Captured& captured) {
  const auto now = io::read_clock();
  Json packets = Json::array();
  for (const auto& packet : captured.packets) packets.push_back(encode(packet, now));
  return {{"packets", packets}, {"missed", captured.missed}};
}

volatile std::sig_atomic_t is_stopped = 0;

void stop_at_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { is_stopped = 1; };
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  // A reader that has gone is an error of the write, after which the capture is ended.
  std::signal(SIGPIPE, SIG_IGN);
}

// A capture at the endpoint; ends when it goes.
class Capture {
 public:
  Capture(const std::filesystem::path& control, const std::string& device)
      : control_(control), device_{{"device", device}} {
    api::request(control_, "capture-start", device_);
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    try {
      api::request(control_, "capture-stop", device_);
    } catch (const std::exception&) {
      // The endpoint has gone, or ends by itself what nobody reads.
    }
  }

  Json read() const { return api::request(control_, "capture-read", device_); }

 private:
  std::filesystem::path control_;
  Json device_;
};

// The file, and what goes into it.
class CaptureFile {
 public:
  CaptureFile(const std::filesystem::path& path, std::optional<Point> point)
      : name_(path == "-" ? "standard output" : path.string()),
        only_(point),
        file_(path == "-" ? stdout : std::fopen(path.c_str(), "wbe"), &std::fclose) {
    if (!file_) throw base::Error(name_ + ": cannot be written: " + std::strerror(errno));
    std::string head;
    wire::append_pcapng_section(head, "sennit " SENNIT_VERSION);
    for (const auto* point_name : kPointNames) wire::append_pcapng_interface(head, point_name);
    write(head);
  }

  void add(const Json& captured) {
    std::string blocks;
    for (const auto& packet : captured.at("packets")) add(packet, blocks);
    missed_ += captured.at("missed").get<std::uint64_t>();
    write(blocks);
  }

  std::string summary() const {
    return std::to_string(packets_) + " packets written" +
           (missed_ > 0 ? ", " + std::to_string(missed_) + " missed: they came quicker than they were fetched"
                        : "");
  }

 private:
  void add(const Json& packet, std::string& blocks) {
    const auto point = packet.at("after").get<bool>() ? Point::kAfter : Point::kBefore;
    if (only_ && *only_ != point) return;
    const auto flag =
        packet.at("up").get<bool>() ? wire::CaptureFlag::kOutbound : wire::CaptureFlag::kInbound;
    const base::WallTime at{base::Duration(packet.at("at_ns").get<std::int64_t>())};
    const auto bytes = base::from_hex(packet.at("bytes").get<std::string>());
    if (!bytes) throw base::Error("the endpoint told a packet's bytes in no hexadecimal digits");
    wire::append_pcapng_packet(blocks, static_cast<std::uint32_t>(point), at, flag, *bytes);
    ++packets_;
  }

  void write(const std::string& bytes) {
    const bool is_good = std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size() &&
                         std::fflush(file_.get()) == 0;
    if (!is_good) throw base::Error(name_ + ": cannot be written: " + std::strerror(errno));
  }

  std::string name_;
  std::optional<Point> only_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::uint64_t packets_ = 0;
  std::uint64_t missed_ = 0;
};

std::optional<Point> point_of(config::CapturePoint point) {
  switch (point) {
    case config::CapturePoint::kBoth: return std::nullopt;
    case config::CapturePoint::kBefore: return Point::kBefore;
    case config::CapturePoint::kAfter: return Point::kAfter;
  }
  return std::nullopt;
}

}  // namespace

void serve_capture_commands(api::ControlServer& control, Devices& devices) {
  control.handle("capture-start", [&](const Json& arguments) {
    devices.start_capture(device_of(arguments));
    return Json::object();
  });
  control.handle("capture-read",
                 [&](const Json& arguments) { return encode(devices.take_captured(device_of(arguments))); });
  control.handle("capture-stop", [&](const Json& arguments) {
    devices.stop_capture(device_of(arguments));
    return Json::object();
  });
}

int run_command(const config::CaptureCommand& command) {
  stop_at_signals();
  const Capture capture(command.control, command.device);
  CaptureFile file(command.file, point_of(command.point));
  while (is_stopped == 0) {
    std::this_thread::sleep_for(kFetchEvery);
    file.add(capture.read());
  }
  std::fprintf(stderr, "%s\n", file.summary().c_str());
  return 0;
}

}  // namespace sennit::shell
