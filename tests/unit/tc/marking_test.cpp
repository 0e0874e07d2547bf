#include "server/tc/marking.hpp"

#include <gtest/gtest.h>

namespace sennit::server::tc {
namespace {

constexpr std::array<io::InterfaceIndex, 2> kInterfaces{io::InterfaceIndex{3}, io::InterfaceIndex{4}};

base::Prefix prefix(const char* text) {
  return *base::Prefix::parse(text);
}

std::size_t place(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  return text.find(part);
}

TEST(Marking, TheFirstPrefixOfALengthMakesItsMapAndTheChain) {
  Marking marking("t", kInterfaces, Classifier::kFw);
  EXPECT_EQ(marking.change(prefix("192.0.2.1"), Side::kLan, ClassId{7}),
            "add map inet t down4_32 { type ipv4_addr : mark ; }\n"
            "add element inet t down4_32 { 192.0.2.1 : 0x5e770007 }\n"
            "flush chain inet t forward\n"
            "add rule inet t forward oif 3 meta mark set ip daddr map @down4_32\n");
}

TEST(Marking, TheNextOnesTouchTheirElementsAlone) {
  Marking marking("t", kInterfaces, Classifier::kFw);
  marking.change(prefix("192.0.2.1"), Side::kWan, ClassId{7});
  EXPECT_EQ(marking.change(prefix("192.0.2.2"), Side::kWan, ClassId{8}),
            "add element inet t up4_32 { 192.0.2.2 : 0x5e770008 }\n");
  EXPECT_EQ(marking.change(prefix("192.0.2.2"), Side::kWan, ClassId{9}),
            "delete element inet t up4_32 { 192.0.2.2 : 0x5e770008 }\n"
            "add element inet t up4_32 { 192.0.2.2 : 0x5e770009 }\n");
  EXPECT_EQ(marking.change(prefix("192.0.2.2"), Side::kWan, std::nullopt),
            "delete element inet t up4_32 { 192.0.2.2 : 0x5e770009 }\n");
}

TEST(Marking, LongerPrefixesComeLaterSoThatTheyWin) {
  Marking marking("t", kInterfaces, Classifier::kFw);
  for (const char* text : {"192.0.2.1", "0.0.0.0/0", "192.0.2.0/24", "2001:db8::/32", "::/0"})
    marking.change(prefix(text), Side::kLan, ClassId{1});
  const auto chain = marking.change(prefix("192.0.2.0/25"), Side::kLan, ClassId{2});
  EXPECT_LT(place(chain, "nfproto ipv4 meta mark set 0x5e770001"),
            place(chain, "& 255.255.255.0 map @down4_24"));
  EXPECT_LT(place(chain, "@down4_24"), place(chain, "& 255.255.255.128 map @down4_25"));
  EXPECT_LT(place(chain, "@down4_25"), place(chain, "ip daddr map @down4_32"));
  EXPECT_LT(place(chain, "nfproto ipv6"), place(chain, "ip6 daddr & ffff:ffff:: map @down6_32"));
}

TEST(Marking, AllOfItMakesTheTableAnewWithItsMapsElementsAndChain) {
  Marking marking("t", kInterfaces, Classifier::kFw);
  marking.change(prefix("0.0.0.0/0"), Side::kLan, ClassId{1});
  marking.change(prefix("192.0.2.1"), Side::kLan, ClassId{7});
  marking.change(prefix("192.0.2.2"), Side::kLan, ClassId{8});
  EXPECT_EQ(marking.whole(), marking.creation() +
                                 "add map inet t down4_32 { type ipv4_addr : mark ; }\n"
                                 "add element inet t down4_32 { 192.0.2.1 : 0x5e770007 }\n"
                                 "add element inet t down4_32 { 192.0.2.2 : 0x5e770008 }\n"
                                 "flush chain inet t forward\n"
                                 "add rule inet t forward oif 3 meta nfproto ipv4 meta mark set 0x5e770001\n"
                                 "add rule inet t forward oif 3 meta mark set ip daddr map @down4_32\n");
}

TEST(Marking, ASideThatIsAnotherInterfaceKeepsItsMaps) {
  Marking marking("t", kInterfaces, Classifier::kFw);
  marking.change(prefix("192.0.2.1"), Side::kLan, ClassId{7});
  marking.change(prefix("192.0.2.1"), Side::kWan, ClassId{7});
  EXPECT_EQ(marking.move(Side::kLan, io::InterfaceIndex{9}),
            "flush chain inet t forward\n"
            "add rule inet t forward oif 9 meta mark set ip daddr map @down4_32\n"
            "add rule inet t forward oif 4 meta mark set ip saddr map @up4_32\n");
}

TEST(Marking, WithoutAFilterItSetsThePriority) {
  Marking marking("t", kInterfaces, Classifier::kPriority);
  const auto text = marking.change(prefix("2001:db8::1"), Side::kWan, ClassId{0x1f});
  place(text, "{ type ipv6_addr : classid ; }");
  place(text, "{ 2001:db8::1 : 5e77:1f }");
  place(text, "oif 4 meta priority set ip6 saddr map @up6_128");
}

}  // namespace
}  // namespace sennit::server::tc
