#include "config/device_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/impair_text.hpp"
#include "config/toml_file.hpp"
#include "config/validate_devices.hpp"

namespace sennit::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

EndpointOptions endpoint_of(std::string_view text) {
  const auto loaded = load_text("[gateway]\n" + std::string(text), "x.toml");
  EXPECT_THAT(loaded.problems.texts(), testing::IsEmpty());
  return std::get<GatewayOptions>(loaded.options).endpoint;
}

std::vector<std::string> problems_of(std::string_view text) {
  const auto loaded = load_text("[gateway]\n" + std::string(text), "x.toml");
  auto problems = loaded.problems;
  validate_devices(std::get<GatewayOptions>(loaded.options).endpoint, problems);
  return problems.texts();
}

TEST(ParseMatch, TakesAddressesNetworksMacAddressesAndDefaultOfBothFamilies) {
  const struct {
    const char* text;
    const char* written;
    std::size_t prefixes;
  } cases[] = {{"192.168.1.23", "192.168.1.23", 1},
               {"192.168.1.23/32", "192.168.1.23", 1},
               {"fd00::2", "fd00::2", 1},
               {"192.168.1.0/24", "192.168.1.0/24", 1},
               {"0.0.0.0/0", "0.0.0.0/0", 1},
               {"default", "default", 2},
               {"02-00-00-AB-cd-01", "02:00:00:ab:cd:01", 1}};
  for (const auto& [text, written, prefixes] : cases) {
    const auto matches = parse_match(text);
    ASSERT_TRUE(matches) << text;
    EXPECT_EQ(matches->size(), prefixes) << text;
    EXPECT_EQ(match_text(*matches), written);
  }
}

TEST(ParseMatch, RefusesEverythingElse) {
  for (const auto* text : {"", "phone", "192.168.1.23/24", "300.1.1.1", "02:00:00:00:01"})
    EXPECT_FALSE(parse_match(text)) << text;
  for (const auto* text : {"01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff"})
    EXPECT_THAT(parse_match(text).invalid().wrong, HasSubstr("is the MAC address of a group"));
  EXPECT_THAT(parse_match("00:00:00:00:00:00").invalid().wrong, HasSubstr("is no device's MAC address"));
}

TEST(DeviceTables, GiveDevicesAndProfiles) {
  const auto options = endpoint_of(R"([[device]]
name = "phone"
match = "192.168.1.23"
profile = "my-3g"
[[device]]
match = "192.168.1.0/24"
down = { rate = "1mbit", delay = "20ms" }
up = "delay=30ms"
backend = "tunnel"
[profile.my-3g]
down = "rate=780kbit"
)");
  ASSERT_EQ(options.devices.size(), 2U);
  EXPECT_EQ(options.devices[0].display_name(), "phone");
  EXPECT_EQ(options.devices[1].display_name(), "192.168.1.0/24");
  ASSERT_EQ(options.profiles.size(), 1U);
  const auto profiles = all_profiles(options.profiles);
  const auto phone = change_of(options.devices[0], profiles);
  ASSERT_TRUE(phone);
  EXPECT_EQ(to_text(*phone->down), "rate=780kbit");
  EXPECT_EQ(to_text(*phone->up), "");
  const auto network = change_of(options.devices[1], profiles);
  ASSERT_TRUE(network);
  EXPECT_EQ(to_text(*network->down), "rate=1mbit delay=20ms");
  EXPECT_EQ(to_text(*network->up), "delay=30ms");
  EXPECT_EQ(network->backend, Shaping::kTunnel);
  EXPECT_FALSE(phone->backend);
}

TEST(DeviceTables, AreRefusedWithFileLineKeyAndRemedy) {
  EXPECT_THAT(
      problems_of("[[device]]\nname = 'phone'\n[[device]]\nmatch = 'here'\n"),
      ElementsAre(
          "x.toml:2: device.match: is missing; give an address, a network, a MAC address or default",
          HasSubstr("x.toml:5: device.match: 'here' is not an address or network; allowed: an address")));
  EXPECT_THAT(problems_of("[[device]]\nmatch = '10.0.0.1'\nprofile = '3g-averag'\n"),
              ElementsAre(HasSubstr("x.toml:4: device.profile: '3g-averag' is not a profile")));
  EXPECT_THAT(problems_of("[[device]]\nmatch = '10.0.0.1'\nbackend = 'kernel'\n"),
              ElementsAre(HasSubstr("x.toml:4: device.backend: 'kernel' is not a shaping back end")));
  EXPECT_THAT(problems_of("[[device]]\nmatch = '10.0.0.1'\ndown = 'loss=200%'\n"),
              ElementsAre(HasSubstr("x.toml:4: device.down: loss: '200%'")));
  EXPECT_THAT(
      problems_of("[[device]]\nmatch = '10.0.0.1'\nup = { dely = '1ms' }\n"),
      ElementsAre(HasSubstr(
          "x.toml:4: device.up: 'dely' is not an impairment option (did you mean 'delay'?); allowed: rate")));
  EXPECT_THAT(problems_of("[[device]]\nmatch = '10.0.0.1'\nprofile = '3g-average'\nup = 'loss=1%'\n"),
              ElementsAre(HasSubstr("give the profile or the directions")));
  EXPECT_THAT(problems_of("[[device]]\nmatch = '10.0.0.1'\n[[device]]\nname = 'x'\nmatch = '10.0.0.1/32'\n"),
              ElementsAre(HasSubstr("x.toml:6: device.match: 10.0.0.1 belongs to another device already")));
  EXPECT_THAT(problems_of("[profile.a]\ndown = 'rate=fast'\n"),
              ElementsAre(HasSubstr("x.toml:3: profile.a.down: rate: 'fast'")));
}

TEST(AllProfiles, LetAUsersProfileStandInPlaceOfAStockOne) {
  const auto options = endpoint_of("[profile.atc-3g-average]\ndown = 'rate=1mbit'\n");
  const auto profiles = all_profiles(options.profiles);
  EXPECT_EQ(profiles.size(), stock_profiles().size());
  EXPECT_EQ(to_text(find_profile("3g-average", profiles)->down), "rate=1mbit");
}

TEST(RefuseMacAddresses, NamesTheDeviceAndWhereItCanBeNamed) {
  Problems problems;
  refuse_mac_addresses(
      endpoint_of("[[device]]\nmatch = '192.168.1.23'\n[[device]]\nmatch = '02-00-00-00-00-0A'\n"), problems);
  EXPECT_THAT(problems.texts(), ElementsAre(testing::AllOf(HasSubstr("02:00:00:00:00:0a is a MAC address"),
                                                           HasSubstr("name the device at the client"))));
}

}  // namespace
}  // namespace sennit::config
