#include "shell/log.hpp"

#include <gtest/gtest.h>

namespace sennit::shell {
namespace {

TEST(GrownDrops, NamesOnlyTheReasonsThatGrew) {
  base::DropCounters before;
  before.count(base::DropReason::kReplayed, 7);
  auto now = before;
  EXPECT_EQ(grown_drops(before, now), "");
  now.count(base::DropReason::kBadTag, 3);
  now.count(base::DropReason::kReplayed, 2);
  EXPECT_EQ(grown_drops(before, now), "bad_tag 3, replayed 2");
}

}  // namespace
}  // namespace sennit::shell
