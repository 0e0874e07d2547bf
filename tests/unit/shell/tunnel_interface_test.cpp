#include "shell/tunnel_interface.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace sennit::shell {
namespace {

using Prefixes = std::vector<base::Prefix>;

Prefixes prefixes(std::initializer_list<const char*> texts) {
  Prefixes result;
  for (const auto* text : texts) result.push_back(base::Prefix::parse(text).value());
  return result;
}

TEST(RoutesFor, SplitADefaultRouteInHalves) {
  EXPECT_EQ(routes_for(prefixes({"0.0.0.0/0"}), prefixes({"10.77.0.2/24"})),
            prefixes({"0.0.0.0/1", "128.0.0.0/1"}));
}

TEST(RoutesFor, LeaveOutADefaultRouteOfAFamilyWithoutAddress) {
  EXPECT_EQ(routes_for(prefixes({"0.0.0.0/0", "::/0"}), prefixes({"fd77::2/64"})),
            prefixes({"::/1", "8000::/1"}));
}

TEST(RoutesFor, LeaveOutWhatAnAddressBringsAlong) {
  EXPECT_EQ(routes_for(prefixes({"10.77.0.0/24", "10.77.0.0/16"}), prefixes({"10.77.0.2/24"})),
            prefixes({"10.77.0.0/16"}));
}

TEST(RoutesFor, HoldEachDestinationOnceWithoutHostBits) {
  EXPECT_EQ(routes_for(prefixes({"192.168.1.0/24", "192.168.1.7/24"}), {}), prefixes({"192.168.1.0/24"}));
}

}  // namespace
}  // namespace sennit::shell
