#include "shell/neighbourhood.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sennit::shell {
namespace {

using io::Extent;
using io::Neighbour;
using io::Presence;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPhone = "02:00:00:00:00:01";
constexpr const char* kTablet = "02:00:00:00:00:02";

Neighbour there(const char* address, const char* mac, int interface = 1) {
  return {{interface}, *base::IpAddress::parse(address), base::MacAddress::parse(mac), Presence::kThere};
}

Neighbour unresolved(const char* address) {
  return {{1}, *base::IpAddress::parse(address), {}, Presence::kThere};
}

Neighbour gone(const char* address, int interface = 1) {
  return {{interface}, *base::IpAddress::parse(address), {}, Presence::kGone};
}

class NeighbourhoodTest : public testing::Test {
 protected:
  NeighbourChange note(const std::vector<Neighbour>& entries, Extent extent = Extent::kChanges) {
    return neighbourhood_.note({entries, extent});
  }
  std::vector<std::string> addresses(const char* mac, const char* claimed = "none") {
    std::vector<std::string> texts;
    const auto is_claimed = [&](const base::Prefix& address) {
      return address.address().to_string() == claimed;
    };
    for (const auto& address : neighbourhood_.addresses_of(*base::MacAddress::parse(mac), is_claimed))
      texts.push_back(address.to_string());
    return texts;
  }

  Neighbourhood neighbourhood_;
};

TEST_F(NeighbourhoodTest, GivesAMacAddressItsAddressesOfBothFamilies) {
  EXPECT_THAT(addresses(kPhone), IsEmpty());
  EXPECT_EQ(note({there("fd00::1", kPhone), there("192.168.1.5", kPhone), there("192.168.1.6", kTablet)},
                 Extent::kWhole),
            NeighbourChange::kSome);
  EXPECT_THAT(addresses(kPhone), ElementsAre("192.168.1.5/32", "fd00::1/128"));
  EXPECT_THAT(addresses(kTablet), ElementsAre("192.168.1.6/32"));
}

TEST_F(NeighbourhoodTest, SaysWhetherAnythingIsNew) {
  note({there("192.168.1.5", kPhone)});
  EXPECT_EQ(note({there("192.168.1.5", kPhone)}), NeighbourChange::kNone) << "only its state is another";
  EXPECT_EQ(note({gone("192.168.1.9")}), NeighbourChange::kNone) << "of nobody's interest before";
  EXPECT_EQ(note({}), NeighbourChange::kNone);
  EXPECT_EQ(note({there("192.168.1.5", kPhone)}, Extent::kWhole), NeighbourChange::kNone);
  EXPECT_EQ(note({gone("192.168.1.5")}), NeighbourChange::kSome);
}

TEST_F(NeighbourhoodTest, AnAddressThatMovesToAnotherMacAddressLeavesTheFirst) {
  note({there("192.168.1.5", kPhone), there("192.168.1.6", kPhone)});
  note({there("192.168.1.5", kTablet)});
  EXPECT_THAT(addresses(kPhone), ElementsAre("192.168.1.6/32"));
  EXPECT_THAT(addresses(kTablet), ElementsAre("192.168.1.5/32"));
}

TEST_F(NeighbourhoodTest, AnEntryThatFailedStaysWhoseItWasUntilItIsDeleted) {
  note({there("192.168.1.5", kPhone)});
  EXPECT_EQ(note({unresolved("192.168.1.5")}), NeighbourChange::kNone);
  EXPECT_EQ(note({unresolved("192.168.1.5")}, Extent::kWhole), NeighbourChange::kNone);
  EXPECT_THAT(addresses(kPhone), ElementsAre("192.168.1.5/32"));
  note({gone("192.168.1.5")});
  EXPECT_THAT(addresses(kPhone), IsEmpty());
}

TEST_F(NeighbourhoodTest, ForgetsWhatAWholeTableDoesNotName) {
  note({there("192.168.1.5", kPhone), there("fd00::1", kPhone)});
  EXPECT_EQ(note({there("fd00::1", kPhone)}, Extent::kWhole), NeighbourChange::kSome);
  EXPECT_THAT(addresses(kPhone), ElementsAre("fd00::1/128"));
}

TEST_F(NeighbourhoodTest, OfTwoInterfacesTheLaterWordCounts) {
  note({there("192.168.1.5", kPhone, 1), there("192.168.1.5", kTablet, 2)});
  EXPECT_THAT(addresses(kPhone), IsEmpty());
  EXPECT_THAT(addresses(kTablet), ElementsAre("192.168.1.5/32"));
  note({gone("192.168.1.5", 2)});
  EXPECT_THAT(addresses(kPhone), ElementsAre("192.168.1.5/32"));
  note({there("192.168.1.5", kPhone, 2)});
  EXPECT_THAT(addresses(kPhone), ElementsAre("192.168.1.5/32")) << "once, though two interfaces say so";
}

TEST_F(NeighbourhoodTest, LeavesOutWhatSomebodyElseClaims) {
  note({there("192.168.1.5", kPhone), there("192.168.1.6", kPhone)});
  EXPECT_THAT(addresses(kPhone, "192.168.1.5"), ElementsAre("192.168.1.6/32"));
}

}  // namespace
}  // namespace sennit::shell
