#include "config/values.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sennit::config {
namespace {

using namespace std::chrono_literals;

TEST(Rates, AreDecimalBitsASecondInAnyCase) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"9600bit", 9600},    {"500kbit", 500000},        {"20mbit", 20000000}, {"1gbit", 1000000000},
      {"1.5mbit", 1500000}, {"0.1mbit", 100000},        {"20Mbit", 20000000}, {"1GBIT", 1000000000},
      {"1bit", 1},          {"1000gbit", 1000000000000}};
  for (const auto& [text, bits] : cases) {
    const auto rate = parse_rate(text);
    ASSERT_TRUE(rate) << text;
    EXPECT_EQ(rate->bits_per_second, bits) << text;
  }
}

TEST(Rates, TellWhatIsWrongAndWhatIsAllowed) {
  const std::pair<const char*, const char*> cases[] = {{"fast", "'fast' is not a rate"},
                                                       {"", "'' is not a rate"},
                                                       {"-5mbit", "'-5mbit' is not a rate"},
                                                       {"20", "'20' has no unit"},
                                                       {"20mbps", "'20mbps' has the unknown unit 'mbps'"},
                                                       {"20 mbit", "'20 mbit' has the unknown unit ' mbit'"},
                                                       {"0kbit", "'0kbit' is out of range"},
                                                       {"1001gbit", "'1001gbit' is out of range"},
                                                       {"1.2.3mbit", "'1.2.3mbit' is not a rate"},
                                                       {"1e3bit", "'1e3bit' has the unknown unit 'e3bit'"},
                                                       {"nanbit", "'nanbit' is not a rate"}};
  for (const auto& [text, wrong] : cases) {
    const auto rate = parse_rate(text);
    ASSERT_FALSE(rate) << text;
    EXPECT_EQ(to_string(rate.invalid()), std::string(wrong) +
                                             "; allowed: 1bit to 1000gbit with the unit bit, kbit, "
                                             "mbit or gbit, as in 500kbit or 1.5mbit");
  }
}

TEST(Rates, MayBeLeftToMeasurement) {
  EXPECT_EQ(*parse_rate_or_auto("auto"), std::nullopt);
  EXPECT_EQ(*parse_rate_or_auto("2mbit"), base::BitRate{2000000});
  EXPECT_EQ(parse_rate_or_auto("Auto").invalid().allowed.substr(0, 9), "auto, or ");
}

TEST(Sizes, AreDecimalOrBinaryAndNeverBits) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"1500B", 1500},      {"64kB", 64000},  {"64KB", 64000},
      {"5GB", 5000000000},  {"64KiB", 65536}, {"1MiB", 1048576},
      {"1GiB", 1073741824}, {"1.5kB", 1500},  {"0B", 0}};
  for (const auto& [text, bytes] : cases) {
    const auto size = parse_size(text);
    ASSERT_TRUE(size) << text;
    EXPECT_EQ(size->value, bytes) << text;
  }
  EXPECT_EQ(parse_size("64kb").invalid().wrong, "'64kb' has the unknown unit 'kb'");
  EXPECT_EQ(parse_size("64").invalid().wrong, "'64' has no unit");
}

TEST(Durations, HaveUnitsFromMicrosecondsToDays) {
  const std::pair<const char*, base::Duration> cases[] = {{"250us", 250us}, {"20ms", 20ms}, {"10s", 10s},
                                                          {"5m", 5min},     {"4h", 4h},     {"7d", 24h * 7},
                                                          {"1.5s", 1500ms}};
  for (const auto& [text, duration] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, duration) << text;
  }
  EXPECT_EQ(parse_duration("5M").invalid().wrong, "'5M' has the unknown unit 'M'");
  EXPECT_EQ(parse_duration("99999d").invalid().wrong, "'99999d' is out of range");
}

TEST(Shares, ArePercentages) {
  EXPECT_DOUBLE_EQ(parse_share("1%")->fraction, 0.01);
  EXPECT_DOUBLE_EQ(parse_share("0.1%")->fraction, 0.001);
  EXPECT_DOUBLE_EQ(parse_share("100%")->fraction, 1.0);
  EXPECT_EQ(to_string(parse_share("101%").invalid()),
            "'101%' is out of range; allowed: 0% to 100%, as in 0.1%");
  EXPECT_EQ(parse_share("0.5").invalid().wrong, "'0.5' has no unit");
}

TEST(Mtus, AreAutoOrAnIpPacketSize) {
  EXPECT_EQ(*parse_mtu("auto"), std::nullopt);
  EXPECT_EQ(*parse_mtu("576"), base::Bytes{576});
  EXPECT_EQ(*parse_mtu("65535"), base::Bytes{65535});
  for (const auto* text : {"575", "65536", "99999999999999"}) {
    EXPECT_EQ(to_string(parse_mtu(text).invalid()),
              "'" + std::string(text) + "' is out of range; allowed: auto, or 576 to 65535");
  }
  for (const auto* text : {"", "big", "-1", "1400.5", "1400 "}) {
    EXPECT_EQ(parse_mtu(text).invalid().wrong, "'" + std::string(text) + "' is not an MTU");
  }
}

TEST(Choices, ListWhatIsAllowed) {
  EXPECT_EQ(*parse_mode("failover"), Mode::kFailover);
  EXPECT_EQ(to_string(parse_mode("fast").invalid()),
            "'fast' is not a mode; allowed: aggregate, flow, redundant or failover");
  EXPECT_EQ(*parse_offload("tun"), Offload::kTun);
  EXPECT_EQ(to_string(parse_offload("on").invalid()),
            "'on' is not an offload; allowed: auto, off, tun or udp");
  EXPECT_EQ(*parse_log_level("warning"), LogLevel::kWarning);
  EXPECT_EQ(to_string(parse_log_level("loud").invalid()),
            "'loud' is not a log level; allowed: trace, debug, info, warning, error or off");
  EXPECT_EQ(*parse_flag("yes"), true);
  EXPECT_EQ(parse_flag("1").invalid().wrong, "'1' is not yes or no");
}

TEST(Choices, AreNamedAsTheyAreWritten) {
  for (const auto* text : {"aggregate", "flow", "redundant", "failover"})
    EXPECT_EQ(to_string(*parse_mode(text)), text);
  for (const auto* text : {"auto", "off", "tun", "udp"}) EXPECT_EQ(to_string(*parse_offload(text)), text);
  for (const auto* text : {"trace", "error", "off"}) EXPECT_EQ(to_string(*parse_log_level(text)), text);
}

TEST(Fallbacks, AreNoneOrDirect) {
  EXPECT_EQ(*parse_fallback("none"), Fallback::kNone);
  EXPECT_EQ(*parse_fallback("direct"), Fallback::kDirect);
  EXPECT_EQ(to_string(parse_fallback("yes").invalid()), "'yes' is not a fallback; allowed: none or direct");
}

TEST(Silences, LastASecondToADay) {
  EXPECT_EQ(*parse_silence("1s"), std::chrono::seconds(1));
  EXPECT_EQ(*parse_silence("1d"), std::chrono::hours(24));
  EXPECT_EQ(to_string(parse_silence("999ms").invalid()),
            "'999ms' is out of range; allowed: 1s to 1d, as in 30s");
  EXPECT_EQ(to_string(parse_silence("30").invalid()), "'30' has no unit; allowed: 1s to 1d, as in 30s");
}

TEST(Shapings, AreTheTunnelAndTheKernel) {
  EXPECT_EQ(*parse_shaping("tunnel"), Shaping::kTunnel);
  EXPECT_EQ(*parse_shaping("tc"), Shaping::kTc);
  EXPECT_EQ(to_string(parse_shaping("cake").invalid()),
            "'cake' is not a shaping back end; allowed: tunnel or tc");
}

}  // namespace
}  // namespace sennit::config
