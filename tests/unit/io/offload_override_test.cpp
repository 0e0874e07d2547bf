#include "io/offload_override.hpp"

#include <gtest/gtest.h>

#include "io/receive_offloads.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

// A veth pair that joins packets at first. (What is below a bridge is tested in tests/netns/shaper.py.)
class OffloadsOfAnInterface : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    run("ip link add port type veth peer name far && ethtool -K port gro on && ethtool -K far gro on");
  }

  static bool joins(const std::string& interface) {
    return run("ethtool -k " + interface).find("generic-receive-offload: on") != std::string::npos;
  }

  TemporaryDirectory folder_;
};

TEST_F(OffloadsOfAnInterface, AreOffWhileOneLivesAndOnAfterwards) {
  Journal journal(folder_.path(), "a");
  {
    const OffloadOverride off(journal, "port");
    EXPECT_FALSE(joins("port"));
    EXPECT_TRUE(joins("far")) << "it is another";
    EXPECT_EQ(off.left_on(), "");
  }
  EXPECT_TRUE(joins("port"));
}

TEST_F(OffloadsOfAnInterface, AreOnAgainAtTheNextStartAfterAKill) {
  const auto killed = in_killed_child([this]() -> int {
    Journal journal(folder_.path(), "a");
    const OffloadOverride off(journal, "port");
    ::_exit(joins("port") ? 1 : 0);
  });
  EXPECT_EQ(killed, 0);
  EXPECT_FALSE(joins("port"));
  const Journal next(folder_.path(), "a");
  EXPECT_TRUE(joins("port"));
}

TEST_F(OffloadsOfAnInterface, ThatWereOffStayOff) {
  run("ethtool -K port gro off");
  Journal journal(folder_.path(), "a");
  { const OffloadOverride off(journal, "port"); }
  EXPECT_FALSE(joins("port"));
}

TEST_F(OffloadsOfAnInterface, StayOffUntilTheLastOfTwoEndpointsGoes) {
  Journal first(folder_.path(), "a");
  auto one = std::make_unique<OffloadOverride>(first, "port");
  Journal second(folder_.path(), "b");
  auto two = std::make_unique<OffloadOverride>(second, "port");
  one.reset();
  EXPECT_FALSE(joins("port"));
  two.reset();
  EXPECT_TRUE(joins("port"));
}

TEST_F(OffloadsOfAnInterface, AreNoneWhereThereIsNoInterface) {
  EXPECT_EQ(receive_offloads_on("nowhere"), "");
}

}  // namespace
}  // namespace sennit::io
