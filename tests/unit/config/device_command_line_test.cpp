#include "config/device_command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "config/impair_text.hpp"

namespace sennit::config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Words = std::vector<std::string>;

Command parsed(const Words& words) {
  return parse_command_line(words);
}

std::string refusal_of(const Words& words) {
  try {
    parse_command_line(words);
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(DeviceCommandLine, KnowsEveryVerb) {
  EXPECT_TRUE(std::get<DeviceListCommand>(parsed({"device", "list", "--json"})).json);
  EXPECT_EQ(std::get<DeviceShowCommand>(parsed({"device", "show", "phone"})).device, "phone");
  EXPECT_EQ(std::get<DeviceClearCommand>(parsed({"device", "clear", "phone"})).device, "phone");
  EXPECT_FALSE(std::get<DeviceClearCommand>(parsed({"device", "clear", "--all"})).device);
  EXPECT_EQ(std::get<DeviceStopCommand>(parsed({"device", "stop", "--control", "s"})).control, "s");
  EXPECT_FALSE(std::get<ProfileListCommand>(parsed({"profile", "list"})).control);
  EXPECT_EQ(std::get<ProfileShowCommand>(parsed({"profile", "show", "dsl"})).name, "dsl");
}

TEST(DeviceCommandLine, TakesAProfileOrDirectionsAndATime) {
  const auto profile =
      std::get<DeviceSetCommand>(parsed({"device", "set", "phone", "--profile", "dsl", "--for", "90s"}));
  EXPECT_EQ(profile.change.profile, "dsl");
  EXPECT_EQ(profile.duration, 90s);
  const auto down =
      std::get<DeviceSetCommand>(parsed({"device", "set", "10.0.0.1", "--down", "rate=1mbit delay=20ms"}));
  EXPECT_EQ(to_text(*down.change.down), "rate=1mbit delay=20ms");
  EXPECT_FALSE(down.change.up);
  EXPECT_FALSE(down.duration);
  const auto move = std::get<DeviceSetCommand>(parsed({"device", "set", "phone", "--backend", "tc"}));
  EXPECT_EQ(move.change.backend, Shaping::kTc);
  EXPECT_FALSE(move.change.down);
  const auto nothing = std::get<DeviceSetCommand>(parsed({"device", "set", "phone", "--up", ""}));
  EXPECT_EQ(to_text(*nothing.change.up), "");
}

TEST(DeviceCommandLine, TakesAnEmptyValueInEitherForm) {
  for (const Words& empty : {Words{"--down="}, Words{"--down", ""}}) {
    Words words{"device", "set", "phone"};
    words.insert(words.end(), empty.begin(), empty.end());
    EXPECT_EQ(to_text(*std::get<DeviceSetCommand>(parsed(words)).change.down), "");
    words.insert(words.end(), {"--control", "s", "--up=delay=1ms"});
    const auto command = std::get<DeviceSetCommand>(parsed(words));
    EXPECT_EQ(to_text(*command.change.down), "");
    EXPECT_EQ(to_text(*command.change.up), "delay=1ms");
    EXPECT_EQ(command.control, "s");
  }
  EXPECT_THAT(refusal_of({"device", "set", "phone", "--control=", "--down="}),
              HasSubstr("the path is empty"));
}

TEST(DeviceCommandLine, CapturesOnBothSidesOfTheImpairmentUnlessOneIsNamed) {
  const auto both = std::get<CaptureCommand>(parsed({"capture", "phone", "-w", "phone.pcapng"}));
  EXPECT_EQ(both.device, "phone");
  EXPECT_EQ(both.file, "phone.pcapng");
  EXPECT_EQ(both.point, CapturePoint::kBoth);
  const auto after = std::get<CaptureCommand>(parsed({"capture", "phone", "-w", "-", "--point", "after"}));
  EXPECT_EQ(after.point, CapturePoint::kAfter);
}

TEST(DeviceCommandLine, RefusesWithWhatIsAllowed) {
  const struct {
    Words words;
    const char* refusal;
  } cases[] = {
      {{"device"}, "device: the verb is missing; allowed: list, show, set, clear, play or stop"},
      {{"device", "sett"}, "device: 'sett' is not a verb"},
      {{"device", "show"}, "device show: DEVICE is missing"},
      {{"device", "list", "phone"}, "device list: 'phone' is one argument too many"},
      {{"device", "list", "--for", "1s"}, "device list: --for is not an option of it"},
      {{"device", "set", "phone"}, "device set: nothing is given to set"},
      {{"device", "set", "phone", "--profile", "x", "--up", "loss=1%"}, "--profile sets both directions"},
      {{"device", "set", "phone", "--backend", "kernel"}, "--backend: 'kernel' is not a shaping back end"},
      {{"device", "clear", "phone", "--backend", "tc"}, "device clear: --backend is not an option of it"},
      {{"device", "set", "phone", "--down", "loss=101%"}, "--down: loss: '101%'"},
      {{"device", "set", "phone", "--down", "delay=2h"}, "--down: delay: '2h'"},
      {{"device", "set", "phone", "--up", "speed=1"}, "--up: 'speed' is not an impairment option"},
      {{"device", "set", "phone", "--up", "loss=1%", "--for", "soon"}, "--for: 'soon'"},
      {{"device", "set", "phone", "--up", "loss=1%", "--for", "0s"}, "--for: '0s' is out of range"},
      {{"device", "clear"}, "device clear: allowed: DEVICE or --all, one of them"},
      {{"device", "clear", "phone", "--all"}, "device clear: allowed: DEVICE or --all, one of them"},
      {{"device", "play"}, "device play: FILE is missing"},
      {{"capture", "-w", "x"}, "capture: DEVICE is missing"},
      {{"capture", "phone"}, "capture: -w FILE is missing"},
      {{"capture", "phone", "-o", "x"}, "'-o' is not an option of sennit capture"},
      {{"capture", "phone", "-w", "x", "--point", "within"},
       "--point: 'within' is not a point; allowed: before or after"},
      {{"profile"}, "profile: the verb is missing; allowed: list or show NAME"},
      {{"profile", "show"}, "profile show: NAME is missing"},
      {{"profile", "list", "x"}, "profile list: 'x' is one argument too many"},
  };
  for (const auto& [words, refusal] : cases) EXPECT_THAT(refusal_of(words), HasSubstr(refusal));
}

}  // namespace
}  // namespace sennit::config
