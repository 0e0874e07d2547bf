#include "base/mac_address.hpp"

#include <gtest/gtest.h>

#include "base/device_match.hpp"

namespace sennit::base {
namespace {

TEST(MacAddress, IsReadInEitherCaseWithColonsOrDashesAndWrittenInOneWay) {
  for (const auto* text :
       {"aa:0b:cc:dd:ee:ff", "AA:0B:CC:DD:EE:FF", "aa-0b-cc-dd-ee-ff", "Aa-0B-cC-dd-EE-ff"}) {
    const auto address = MacAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), "aa:0b:cc:dd:ee:ff") << text;
  }
}

TEST(MacAddress, OfAnotherFormIsNone) {
  for (const auto* text :
       {"", "aa:bb:cc:dd:ee", "aa:bb:cc:dd:ee:ff:00", "aa:bb:cc-dd:ee:ff", "aa-bb-cc-dd-ee:ff",
        "aabb.ccdd.eeff", "aabbccddeeff", "aa:bb:cc:dd:ee:fg", "aa:bb:cc:dd:ee:-1", "+a:bb:cc:dd:ee:ff",
        "a:bb:cc:dd:ee:fff", "aa.bb.cc.dd.ee.ff", " aa:bb:cc:dd:ee:f", "::1", "fd00::1:2:3:4:5:6"})
    EXPECT_FALSE(MacAddress::parse(text)) << text;
}

TEST(MacAddress, TellsGroupsFromInterfaces) {
  EXPECT_TRUE(MacAddress::parse("ff:ff:ff:ff:ff:ff")->is_group());
  EXPECT_TRUE(MacAddress::parse("33:33:00:00:00:01")->is_group());
  EXPECT_FALSE(MacAddress::parse("02:00:00:00:00:01")->is_group());
  EXPECT_TRUE(MacAddress::parse("00:00:00:00:00:00")->is_zero());
}

TEST(MacAddress, HasSixBytes) {
  const std::array<std::uint8_t, 8> bytes{2, 0, 0, 0, 0, 9, 0, 0};
  EXPECT_EQ(MacAddress::from_bytes(std::span(bytes).first(6)), MacAddress::parse("02:00:00:00:00:09"));
  EXPECT_FALSE(MacAddress::from_bytes(bytes));
  EXPECT_FALSE(MacAddress::from_bytes({}));
}

TEST(DeviceMatch, IsWrittenAsUsersWriteIt) {
  for (const auto* text : {"192.168.1.23", "192.168.1.0/24", "fd00::2", "fd00::/64"})
    EXPECT_EQ(to_string(*Prefix::parse(text)), text);
  EXPECT_EQ(to_string(*MacAddress::parse("02-00-00-00-00-0A")), "02:00:00:00:00:0a");
}

}  // namespace
}  // namespace sennit::base
