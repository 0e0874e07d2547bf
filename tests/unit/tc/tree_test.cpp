#include "server/tc/tree.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/error.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::server::tc {
namespace {

using namespace std::chrono_literals;

const LanePlan kSlow{{.rate = {1'000'000}, .burst = {3000}}, PacketFifo{{10}}};

// An interface of its own, where this kernel has HTB and the fw filter or classic BPF.
class TreeOfAnInterface : public io::NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    if (std::system("tc qdisc add dev lo root htb 2>/dev/null") != 0)
      GTEST_SKIP() << "this kernel has no HTB";
    run("ip link add lan0 type veth peer name far0 && ip link set lan0 up");
  }

  static std::string show(const std::string& what) { return run("tc " + what + " show dev lan0"); }

  io::TemporaryDirectory folder_;
};

TEST_F(TreeOfAnInterface, GivesMoreClassesOverTimeThanThereAreNumbersAndKeepsNone) {
  constexpr int kDevices = 70'000;
  constexpr int kAtATime = 500;
  io::Journal journal(folder_.path(), "lan0");
  Tree tree(journal, "lan0", Classifier::kPriority, ForeignRoot::kRefuse);
  std::set<ClassId> seen;
  base::Instant now{1h};
  for (int device = 0; device < kDevices; ++device) {
    const auto id = tree.add(kSlow);
    seen.insert(id);
    tree.retire(id, now);
    if (device % kAtATime == 0) tree.sweep(now);
  }
  tree.sweep(now);
  EXPECT_LT(seen.size(), std::size_t{kDevices}) << "numbers are used again";
  EXPECT_GT(seen.size(), std::size_t{30'000}) << "as late as possible";
  EXPECT_EQ(show("class"), "");
  EXPECT_FALSE(tree.has_retired());
}

TEST_F(TreeOfAnInterface, IsMadeAgainWithItsClassesWhenTheInterfaceIs) {
  io::Journal journal(folder_.path(), "lan0");
  Tree tree(journal, "lan0", Classifier::kPriority, ForeignRoot::kRefuse);
  tree.add(kSlow);
  const auto classes = show("class");
  EXPECT_EQ(tree.follow(), InterfaceFate::kSame) << "nothing happened";
  run("ip link delete lan0");
  EXPECT_EQ(tree.follow(), InterfaceFate::kSame) << "there is no interface";
  const auto id = tree.add(kSlow);
  tree.change(id, kSlow);
  run("ip link add lan0 type veth peer name far0");
  EXPECT_EQ(tree.follow(), InterfaceFate::kMadeAgain);
  EXPECT_EQ(tree.follow(), InterfaceFate::kSame) << "once";
  EXPECT_NE(show("class").find(classes), std::string::npos) << show("class");
  EXPECT_NE(show("class").find("5e77:2"), std::string::npos) << "what was set meanwhile: " << show("class");
}

TEST_F(TreeOfAnInterface, GoesAtTheEndFromAnInterfaceThatWasMadeAgain) {
  run("ip link add lan1 type veth peer name far1");
  const auto before = run("tc qdisc show dev lan1");
  {
    io::Journal journal(folder_.path(), "lan0");
    Tree tree(journal, "lan0", Classifier::kPriority, ForeignRoot::kRefuse);
    run("ip link delete lan0 && ip link add lan0 type veth peer name far0");
    EXPECT_EQ(tree.follow(), InterfaceFate::kMadeAgain);
    EXPECT_NE(show("qdisc"), before);
  }
  EXPECT_EQ(show("qdisc"), before);
}

TEST_F(TreeOfAnInterface, GoesOnWhereTheInterfaceIsRenamedWhoeverTakesItsName) {
  const auto before = show("qdisc");
  io::Journal journal(folder_.path(), "lan0");
  {
    Tree tree(journal, "lan0", Classifier::kPriority, ForeignRoot::kRefuse);
    tree.add(kSlow);
    run("ip link set lan0 down && ip link set lan0 name lan9 && ip link add lan0 type veth peer name far1");
    tree.add(kSlow);
    EXPECT_EQ(tree.follow(), InterfaceFate::kRenamed);
    EXPECT_EQ(tree.follow(), InterfaceFate::kSame) << "once";
    EXPECT_EQ(tree.interface(), "lan9");
    EXPECT_EQ(tree.counts().size(), 2U) << "what was set before it was noticed is there too";
    EXPECT_EQ(show("class"), "") << "of the other one";
    run("ip link delete lan0 && ip link set lan9 name lan0 && ip link set lan0 up");
    EXPECT_NE(show("qdisc"), before);
    EXPECT_EQ(tree.follow(), InterfaceFate::kRenamed);
  }
  EXPECT_EQ(show("qdisc"), before);
}

TEST_F(TreeOfAnInterface, IsGivenBackUnderItsNewNameAfterAKill) {
  const auto before = show("qdisc");
  const auto killed = in_killed_child([this]() -> int {
    io::Journal journal(folder_.path(), "lan0");
    Tree tree(journal, "lan0", Classifier::kPriority, ForeignRoot::kRefuse);
    run("ip link set lan0 down && ip link set lan0 name lan9");
    ::_exit(tree.follow() == InterfaceFate::kRenamed ? 0 : 1);
  });
  EXPECT_EQ(killed, 0);
  const io::Journal next(folder_.path(), "lan0");
  run("ip link set lan9 name lan0 && ip link set lan0 up");
  EXPECT_EQ(show("qdisc"), before);
}

TEST_F(TreeOfAnInterface, IsNotMadeOverSomebodysQdiscAndTriesAgainWhenThatHasGone) {
  io::Journal journal(folder_.path(), "lan0");
  Tree tree(journal, "lan0", Classifier::kPriority, ForeignRoot::kRefuse);
  run("ip link delete lan0 && ip link add lan0 type veth peer name far0 && tc qdisc add dev lan0 root handle "
      "1: pfifo");
  EXPECT_THROW(tree.follow(), base::Error);
  EXPECT_NE(show("qdisc").find("pfifo 1:"), std::string::npos);
  run("tc qdisc delete dev lan0 root");
  EXPECT_EQ(tree.follow(), InterfaceFate::kMadeAgain);
}

}  // namespace
}  // namespace sennit::server::tc
