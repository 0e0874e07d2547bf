#include "io/neighbours.hpp"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>

#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class NeighboursTest : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    run("ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up");
    run("ip address add 192.0.2.1/24 dev v0 && ip address add 2001:db8::1/64 dev v0 nodad");
  }

  static Neighbour there(const char* address, const char* mac) {
    return {index_of("v0"), *base::IpAddress::parse(address), base::MacAddress::parse(mac), Presence::kThere};
  }
  static void set(const std::string& address, const std::string& mac,
                  const std::string& state = "reachable") {
    run("ip neigh replace " + address + " lladdr " + mac + " dev v0 nud " + state);
  }
  static bool readable(const Neighbours& neighbours) {
    pollfd poll_fd{neighbours.fd(), POLLIN, 0};
    return ::poll(&poll_fd, 1, 2000) == 1;
  }
};

TEST_F(NeighboursTest, GivesTheWholeTableFirstOfBothFamiliesAndInAnyState) {
  set("192.0.2.7", "02:00:00:00:00:07", "stale");
  set("2001:db8::7", "02:00:00:00:00:07", "permanent");
  Neighbours neighbours;
  const auto news = neighbours.read();
  EXPECT_EQ(news.extent, Extent::kWhole);
  EXPECT_THAT(news.entries, UnorderedElementsAre(there("192.0.2.7", "02:00:00:00:00:07"),
                                                 there("2001:db8::7", "02:00:00:00:00:07")));
}

TEST_F(NeighboursTest, LeavesOutWhatIsNotRouted) {
  set("fe80::7", "02:00:00:00:00:07");
  set("169.254.0.7", "02:00:00:00:00:07");
  run("ip neigh add proxy 192.0.2.9 dev v0");
  Neighbours neighbours;
  EXPECT_THAT(neighbours.read().entries, IsEmpty());
}

TEST_F(NeighboursTest, TellsWhatChangesInItsOrder) {
  Neighbours neighbours;
  neighbours.read();
  set("192.0.2.7", "02:00:00:00:00:07");
  set("192.0.2.7", "02:00:00:00:00:08");
  EXPECT_TRUE(readable(neighbours));
  const auto news = neighbours.read();
  EXPECT_EQ(news.extent, Extent::kChanges);
  EXPECT_THAT(news.entries,
              ElementsAre(there("192.0.2.7", "02:00:00:00:00:07"), there("192.0.2.7", "02:00:00:00:00:08")));
  EXPECT_THAT(neighbours.read().entries, IsEmpty());
}

TEST_F(NeighboursTest, TellsWhatIsDeleted) {
  set("2001:db8::7", "02:00:00:00:00:07", "permanent");
  Neighbours neighbours;
  neighbours.read();
  run("ip neigh del 2001:db8::7 dev v0");
  EXPECT_TRUE(readable(neighbours));
  const auto entries = neighbours.read().entries;
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.back().address, *base::IpAddress::parse("2001:db8::7"));
  EXPECT_EQ(entries.back().presence, Presence::kGone);
}

TEST_F(NeighboursTest, SaysOfAnEntryThatFailedThatItIsThereWithoutAMacAddress) {
  set("192.0.2.7", "02:00:00:00:00:07");
  Neighbours neighbours;
  neighbours.read();
  run("ip neigh change 192.0.2.7 dev v0 nud failed");
  EXPECT_TRUE(readable(neighbours));
  const auto entries = neighbours.read().entries;
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.back(),
            (Neighbour{index_of("v0"), *base::IpAddress::parse("192.0.2.7"), {}, Presence::kThere}));
}

TEST_F(NeighboursTest, GivesTheWholeTableAgainWhenEventsWereLost) {
  Neighbours neighbours;
  neighbours.read();
  const int tiny = 1;
  ASSERT_EQ(::setsockopt(neighbours.fd(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny)), 0);
  for (int i = 2; i < 40; ++i) set("192.0.2." + std::to_string(i), "02:00:00:00:00:07");
  EXPECT_TRUE(readable(neighbours));
  const auto news = neighbours.read();
  EXPECT_EQ(news.extent, Extent::kWhole);
  EXPECT_EQ(news.entries.size(), 38U);
}

}  // namespace
}  // namespace sennit::io
