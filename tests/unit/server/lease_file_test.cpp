#include "server/lease_file.hpp"

#include <gtest/gtest.h>

namespace sennit::server {
namespace {

LeaseTable some_leases() {
  crypto::PublicKey first;
  first.bytes[0] = 1;
  crypto::PublicKey second;
  second.bytes[31] = 2;
  return {{first, {*base::IpAddress::parse("10.77.0.2"), *base::IpAddress::parse("fd77::2")}}, {second, {}}};
}

TEST(LeaseFile, ReadsBackWhatItWrote) {
  EXPECT_EQ(parse_leases(format_leases(some_leases())), some_leases());
}

TEST(LeaseFile, TakesNothingFromTextThatIsNoLeaseFile) {
  for (const auto* text :
       {"", "{", "[]", "{}", R"({"leases": []})", R"({"leases": {"no key": ["10.77.0.2"]}})"}) {
    EXPECT_TRUE(parse_leases(text).empty()) << text;
  }
}

TEST(LeaseFile, LeavesOutEntriesThatAreNoAddresses) {
  const std::string key = some_leases().begin()->first.to_base64();
  const auto table = parse_leases(R"({"leases": {")" + key + R"(": ["nonsense", 7, "10.77.0.2"]}})");
  ASSERT_EQ(table.size(), 1U);
  EXPECT_EQ(table.begin()->second, std::vector{*base::IpAddress::parse("10.77.0.2")});
}

}  // namespace
}  // namespace sennit::server
