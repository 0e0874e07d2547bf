#include "outbound/classify.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sennit::outbound {
namespace {

wire::IpPacket packet(std::uint16_t source_port) {
  wire::IpPacket ip;
  ip.source = *base::IpAddress::parse("10.77.0.2");
  ip.destination = *base::IpAddress::parse("198.51.100.9");
  ip.protocol = 17;
  ip.source_port = source_port;
  ip.destination_port = 443;
  return ip;
}

TEST(Classify, KeepsAFlowInOneBucket) {
  wire::IpPacket later = packet(1000);
  later.total_length = 1200;
  later.traffic_class = 0x10;
  EXPECT_EQ(classify(packet(1000), 5), classify(later, 5));
}

TEST(Classify, TellsFlowsApartByEveryPartOfTheirKey) {
  const auto bucket = classify(packet(1000), 5);
  wire::IpPacket other = packet(1000);
  other.protocol = 6;
  EXPECT_NE(classify(other, 5), bucket);
  other = packet(1000);
  other.destination_port = 80;
  EXPECT_NE(classify(other, 5), bucket);
  other = packet(1000);
  other.source = *base::IpAddress::parse("10.77.0.3");
  EXPECT_NE(classify(other, 5), bucket);
  other = packet(1000);
  other.destination = *base::IpAddress::parse("2001:db8::9");
  EXPECT_NE(classify(other, 5), bucket);
  EXPECT_NE(classify(packet(1000), 6), bucket);
}

TEST(Classify, PutsTheFragmentsOfOnePacketIntoOneBucket) {
  wire::IpPacket first = packet(1000);
  first.is_fragment = true;
  wire::IpPacket second = packet(0);
  second.destination_port = 0;
  second.is_fragment = true;
  EXPECT_EQ(classify(first, 5), classify(second, 5));
}

// 20,000 flows over 1,024 buckets: Pearson's statistic has mean 1,023 and deviation 45; five of them are
// allowed.
TEST(Classify, SpreadsFlowsEvenly) {
  std::vector<int> counts(kFlowBuckets);
  constexpr int kFlows = 20'000;
  for (int i = 0; i < kFlows; ++i) ++counts[classify(packet(static_cast<std::uint16_t>(i)), 42).value];
  const double mean = static_cast<double>(kFlows) / kFlowBuckets;
  double statistic = 0;
  for (const int count : counts) statistic += (count - mean) * (count - mean) / mean;
  EXPECT_LT(statistic, 1023 + 5 * 45);
}

}  // namespace
}  // namespace sennit::outbound
