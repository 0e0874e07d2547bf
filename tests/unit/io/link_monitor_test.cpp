#include "io/link_monitor.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

class LinkMonitorTest : public NamespaceTest {
 protected:
  static bool readable(const LinkMonitor& monitor) {
    pollfd poll_fd{monitor.fd(), POLLIN, 0};
    return ::poll(&poll_fd, 1, 2000) == 1;
  }
};

TEST_F(LinkMonitorTest, IsQuietWhileNothingChanges) {
  LinkMonitor monitor;
  EXPECT_EQ(monitor.drain(), LinkChange::kNone);
}

TEST_F(LinkMonitorTest, WakesUpForEveryKindOfChange) {
  const std::vector<std::string> changes{
      "ip link add v0 type veth peer name v1",
      "ip link set v0 up && ip link set v1 up",
      "ip link set v0 mtu 1400",
      "ip address add 192.0.2.1/24 dev v0",
      "ip address add 2001:db8::1/64 dev v0 nodad",
      "ip route add default via 192.0.2.254",
      "ip route del default",
      "ip address del 192.0.2.1/24 dev v0",
      "ip link set v1 down",
      "ip link delete v0",
  };
  for (const auto& change : changes) {
    LinkMonitor monitor;
    run(change);
    EXPECT_TRUE(readable(monitor)) << change;
    EXPECT_EQ(monitor.drain(), LinkChange::kSome) << change;
  }
}

TEST_F(LinkMonitorTest, ShowsTheInterfacesAsTheyAreNow) {
  LinkMonitor monitor;
  const auto before = monitor.snapshot();
  run("ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0");
  const auto during = monitor.snapshot();
  EXPECT_EQ(during.size(), before.size() + 2);
  EXPECT_NE(std::ranges::find(during, "v0", &Interface::name), during.end());
  run("ip link delete v0");
  EXPECT_EQ(monitor.snapshot(), before);
}

TEST_F(LinkMonitorTest, TakesLostEventsForAChange) {
  LinkMonitor monitor;
  const int tiny = 1;
  ASSERT_EQ(::setsockopt(monitor.fd(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny)), 0);
  run("ip link add v0 type veth peer name v1 && ip link delete v0");
  int error = 0;
  socklen_t length = sizeof(error);
  EXPECT_TRUE(readable(monitor));
  EXPECT_EQ(monitor.drain(), LinkChange::kSome);
  ASSERT_EQ(::getsockopt(monitor.fd(), SOL_SOCKET, SO_ERROR, &error, &length), 0);
  EXPECT_EQ(error, 0) << "drain() left the overflow pending";
  EXPECT_EQ(monitor.drain(), LinkChange::kNone);
}

}  // namespace
}  // namespace sennit::io
