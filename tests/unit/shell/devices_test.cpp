#include "shell/devices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/error.hpp"
#include "config/impair_text.hpp"
#include "unit/shell/fake_backend.hpp"

namespace sennit::shell {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// Holds what it is told, and fails at changes of one direction where it is told
// to.
class Fake : public FakeBackend {
 public:
  explicit Fake(std::optional<device::Direction> failing) : fails_at(failing) {}

  std::string_view name() const override { return "tc"; }
  void add(const base::DeviceAddresses& device) override { devices[device.device]; }
  void impair(const base::DeviceMatch& match, device::Direction direction,
              const std::optional<impair::Settings>& settings) override {
    auto& lane = devices.at(match)[static_cast<std::size_t>(direction)];
    const auto text = settings ? config::to_text(*settings) : std::string();
    if (direction == fails_at && text != lane) throw base::Error("the kernel refuses");
    lane = text;
  }
  void remove(const base::DeviceMatch& match) override { devices.erase(match); }

  std::map<base::DeviceMatch, std::array<std::string, 2>> devices;
  std::optional<device::Direction> fails_at;
};

config::DeviceChange both_ways(std::string_view text) {
  const auto settings = *config::parse_impairment(text, config::read_file);
  return {{}, settings, settings};
}

config::DeviceOptions phone(const std::string& down) {
  config::DeviceOptions device;
  device.name = "phone";
  device.matches = *config::parse_match("192.168.1.23");
  device.down = down;
  return device;
}

class DevicesOfAnEndpoint : public testing::Test {
 protected:
  DevicesOfAnEndpoint() {
    std::string pattern = testing::TempDir() + "devicesXXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~DevicesOfAnEndpoint() override { std::filesystem::remove_all(folder_); }

  // One run of it, with the back end of the kernel as it is then.
  struct Session {
    Session(DevicesOfAnEndpoint& test, std::optional<device::Direction> fails_at = {})
        : backend(fails_at),
          devices(test.options_, test.folder_ / "devices.sqlite", driver, backends, LanView::kUnseen) {}
    // By match, "down/up".
    std::vector<std::string> listed() const {
      std::vector<std::string> all;
      for (const auto& one : devices.status())
        all.push_back(one.match + ": " + (one.down ? one.down->options : "") + "/" +
                      (one.up ? one.up->options : ""));
      return all;
    }
    std::vector<std::string> impaired() const {
      std::vector<std::string> all;
      for (const auto& [match, lanes] : backend.devices)
        all.push_back(base::to_string(match) + ": " + lanes[0] + "/" + lanes[1]);
      return all;
    }
    io::Driver driver;
    Fake backend;
    Backends backends{driver, backend};
    Devices devices;
  };

  std::filesystem::path folder_;
  config::EndpointOptions options_;
};

TEST_F(DevicesOfAnEndpoint, HaveNothingOfASetThatFailsHalfway) {
  {
    Session session(*this, device::Direction::kUp);
    EXPECT_THROW(session.devices.set("10.0.0.1", both_ways("delay=1ms"), {}), base::Error);
    EXPECT_THAT(session.listed(), IsEmpty());
    EXPECT_THAT(session.impaired(), IsEmpty());
  }
  EXPECT_THAT(Session(*this).listed(), IsEmpty()) << "nor is it saved";
}

TEST_F(DevicesOfAnEndpoint, AreAsBeforeWhenAChangeFailsHalfway) {
  Session session(*this);
  session.devices.set("10.0.0.1", both_ways("delay=1ms"), {});
  session.backend.fails_at = device::Direction::kUp;
  EXPECT_THROW(session.devices.set("10.0.0.1", both_ways("delay=2ms"), 10s), base::Error);
  EXPECT_THAT(session.listed(), ElementsAre("10.0.0.1: delay=1ms/delay=1ms"));
  EXPECT_THAT(session.impaired(), ElementsAre("10.0.0.1: delay=1ms/delay=1ms"));
  EXPECT_EQ(session.devices.status_of_one("10.0.0.1").expires, std::nullopt);
}

TEST_F(DevicesOfAnEndpoint, AreAsBeforeWhenAChangeCannotBeSaved) {
  Session session(*this);
  session.devices.set("10.0.0.1", both_ways("delay=1ms"), {});
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "devices.sqlite").c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "DROP TABLE temporary", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  EXPECT_THROW(session.devices.set("10.0.0.1", both_ways("delay=2ms"), {}), base::Error);
  EXPECT_THAT(session.listed(), ElementsAre("10.0.0.1: delay=1ms/delay=1ms"));
  EXPECT_THAT(session.impaired(), ElementsAre("10.0.0.1: delay=1ms/delay=1ms"));
}

TEST_F(DevicesOfAnEndpoint, OfTheFileMustWorkAtTheStart) {
  options_.devices.push_back(phone("delay=10ms"));
  try {
    Session session(*this, device::Direction::kDown);
    FAIL() << "it has started";
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "device phone: the kernel refuses");
  }
}

TEST_F(DevicesOfAnEndpoint, OfAnEarlierRunThatWorkNoMoreGiveWayToTheFile) {
  options_.devices.push_back(phone("delay=10ms"));
  {
    Session session(*this);
    session.devices.set("phone", both_ways("delay=1ms"), {});
    session.devices.set("10.0.0.1", both_ways("delay=1ms"), {});
  }
  EXPECT_THAT(Session(*this, device::Direction::kUp).listed(), ElementsAre("192.168.1.23: delay=10ms/"));
  EXPECT_THAT(Session(*this).listed(),
              ElementsAre("10.0.0.1: delay=1ms/delay=1ms", "192.168.1.23: delay=1ms/delay=1ms"))
      << "they are there again when they work again";
}

}  // namespace
}  // namespace sennit::shell
