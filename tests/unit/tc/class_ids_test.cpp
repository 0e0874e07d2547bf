#include "server/tc/class_ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sennit::server::tc {
namespace {

TEST(ClassIds, GivesEachNumberOnceAndNeverTheRootsOwn) {
  ClassIds ids;
  std::set<ClassId> given;
  while (const auto id = ids.acquire()) EXPECT_TRUE(given.insert(*id).second);
  EXPECT_EQ(given.size(), kLastClass - 1U);
  EXPECT_EQ(given.count(ClassId{0}) + given.count(ClassId{kRootMajor}), 0U);
}

TEST(ClassIds, ANumberGivenBackIsUsedLast) {
  ClassIds ids;
  const auto first = *ids.acquire();
  ids.release(first);
  EXPECT_NE(*ids.acquire(), first);
}

TEST(ClassIds, NeverRunsOutOverAMillionDevicesOneAfterAnother) {
  ClassIds ids;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto id = ids.acquire();
    ASSERT_TRUE(id);
    ids.release(*id);
  }
}

}  // namespace
}  // namespace sennit::server::tc
