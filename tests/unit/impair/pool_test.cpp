#include "impair/pool.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sennit::impair {
namespace {

TEST(PacketPool, CopiesTrulyWhileItGrows) {
  PacketPool pool;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const auto original = pool.take({.buffer = {i}, .size = i + 1});
    const auto copy = pool.copy(original);
    EXPECT_EQ(pool[copy].packet.buffer.value, i);
    EXPECT_EQ(pool[copy].packet.size, i + 1);
    EXPECT_EQ(pool[original].packet.size, i + 1);
  }
  EXPECT_EQ(pool.in_use(), 2'000U);
}

TEST(PacketPool, SaysWhichOfTwoWithOneBufferWasTheLast) {
  PacketPool pool;
  const auto original = pool.take({.size = 1});
  const auto copy = pool.copy(original);
  EXPECT_FALSE(pool.give_back(original));
  EXPECT_TRUE(pool.give_back(copy));
  EXPECT_TRUE(pool.give_back(pool.take({.size = 1})));
}

TEST(PacketPool, TakesFreeNodesBeforeItGrows) {
  PacketPool pool;
  const auto first = pool.take({.size = 1});
  pool.give_back(first);
  EXPECT_EQ(pool.take({.size = 2}), first);
}

TEST(NodeList, IsFirstInFirstOut) {
  PacketPool pool;
  NodeList list;
  std::vector<NodeId> ids;
  for (int round = 0; round < 2; ++round) {
    ids.clear();
    for (int i = 0; i < 5; ++i) {
      ids.push_back(pool.take({.size = 1}));
      list.push(pool, ids.back());
    }
    for (const auto id : ids) EXPECT_EQ(list.pop(pool), id);
    EXPECT_TRUE(list.empty());
  }
}

}  // namespace
}  // namespace sennit::impair
