#include "base/drop.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sennit::base {
namespace {

TEST(DropReason, HasANameOfItsOwnForEachReason) {
  std::set<std::string_view> names;
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(DropReason::kCount); ++i) {
    const auto name = to_string(static_cast<DropReason>(i));
    EXPECT_NE(name, "unknown") << "reason " << int{i};
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name << " names two reasons";
  }
  EXPECT_EQ(to_string(DropReason::kCount), "unknown");
}

TEST(DropCounters, CountEachReasonApart) {
  DropCounters counters;
  counters.count(DropReason::kBadTag);
  counters.count(DropReason::kBadTag, 4);
  counters.count(DropReason::kTunRefused);
  EXPECT_EQ(counters[DropReason::kBadTag], 5U);
  EXPECT_EQ(counters[DropReason::kTunRefused], 1U);
  EXPECT_EQ(counters[DropReason::kTooShort], 0U);
}

}  // namespace
}  // namespace sennit::base
