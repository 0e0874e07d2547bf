#include "impair/trace.hpp"

#include <gtest/gtest.h>

#include "unit/impair/pipe.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const Trace> trace(std::string_view text) {
  return std::make_shared<const Trace>(std::get<Trace>(Trace::parse(text)));
}

std::vector<base::Duration> departures(std::string_view text, std::initializer_list<std::uint32_t> sizes,
                                       base::Duration at = 0ms) {
  Pipe pipe({.rate = {.trace = trace(text)}});
  for (const auto size : sizes) pipe.send(kStart + at, size);
  pipe.finish();
  std::vector<base::Duration> times;
  for (const auto& arrival : pipe.delivered()) times.push_back(arrival.at - kStart);
  return times;
}

using Times = std::vector<base::Duration>;

TEST(Trace, LetsAFullPacketOutAtEachOpportunityAndWraps) {
  EXPECT_EQ(departures("3\n5\n5\n10\n", {1500, 1500, 1500, 1500, 1500, 1500}),
            (Times{3ms, 5ms, 5ms, 10ms, 13ms, 15ms}));
}

TEST(Trace, SpendsAnOpportunityOnSeveralSmallPackets) {
  EXPECT_EQ(departures("1\n2\n", {500, 500, 500, 500}), (Times{1ms, 1ms, 1ms, 2ms}));
}

TEST(Trace, CarriesALargePacketOverSeveralOpportunities) {
  EXPECT_EQ(departures("1\n2\n3\n4\n", {4000, 500}), (Times{3ms, 3ms}));
}

TEST(Trace, WastesOpportunitiesThatFindNoPacket) {
  EXPECT_EQ(departures("1\n2\n3\n50\n", {1500, 1500}, 10ms), (Times{50ms, 51ms}));
  EXPECT_EQ(departures("1\n2\n3\n50\n", {1500}, 1001ms), (Times{1001ms}));
}

TEST(Trace, HasItsMeanRate) {
  EXPECT_EQ(trace("1\n2\n3\n4\n")->mean_rate().bits_per_second, 12'000'000U);
}

TEST(Trace, IsReadAsMahimahiWritesIt) {
  EXPECT_TRUE(std::holds_alternative<Trace>(Trace::parse("# driving\n0\r\n\n 7 # note\n9")));
  const std::pair<const char*, const char*> refused[] = {
      {"", "it has no lines"},
      {"0\n0\n", "it ends at 0 ms; the last line must be above that"},
      {"5\n4\n", "line 2: it is earlier than the line before"},
      {"5\nx\n", "line 2: it is not one whole number of milliseconds"},
      {"5 6\n", "line 1: it is not one whole number of milliseconds"},
      {"-5\n", "line 1: it is not one whole number of milliseconds"},
      {"5000000000\n", "line 1: it is not one whole number of milliseconds"}};
  for (const auto& [text, why] : refused) EXPECT_EQ(std::get<Refusal>(Trace::parse(text)).why, why) << text;
}

}  // namespace
}  // namespace sennit::impair
