#include "io/udp_socket.hpp"

#include <poll.h>

#include <chrono>
#include <numeric>
#include <thread>

#include "base/error.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

using namespace std::chrono_literals;

base::SocketAddress endpoint(const std::string& text) {
  return base::SocketAddress::parse(text).value();
}

UdpSocket bound_to(const std::string& address, UdpOffload offload = UdpOffload::kOff) {
  const auto bind = endpoint(address);
  return UdpSocket({{}, bind.address.family(), bind, {}, offload});
}

// What a socket received, over as many batches as it takes.
struct Received {
  std::vector<std::size_t> sizes;
  std::vector<base::InboundDatagram> datagrams;  // their bytes are stale
  std::size_t truncated = 0;
};

Received receive_all(UdpSocket& socket, DatagramSlab& slab) {
  Received all;
  ReceiveResult result;
  do {
    result = socket.receive_batch(slab);
    all.truncated += result.truncated;
    for (const auto& datagram : result.datagrams) {
      all.sizes.push_back(datagram.bytes.size());
      all.datagrams.push_back(datagram);
    }
  } while (result.more);
  return all;
}

class UdpSocketTest : public NamespaceTest {
 protected:
  std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(200'000);
  DatagramSlab slab_;

  base::Transmit to(const std::string& remote, std::size_t bytes, std::size_t segment = 0) {
    return {{{}, {}, endpoint(remote)}, base::ConstByteSpan(memory_).first(bytes), segment};
  }
};

TEST_F(UdpSocketTest, CutsTransmitsIntoDatagramsAndKeepsTheirOrder) {
  auto sender = bound_to("127.0.0.1:5000");
  auto receiver = bound_to("127.0.0.1:6000");
  const std::vector<base::Transmit> transmits{to("127.0.0.1:6000", 2500, 1000), to("127.0.0.1:6000", 77),
                                              to("127.0.0.1:6000", 100 * 1200, 1200)};
  const auto result = sender.send_batch(transmits);
  EXPECT_EQ(result.sent, 104U);
  std::vector<std::size_t> expected{1000, 1000, 500, 77};
  expected.resize(104, 1200);
  EXPECT_EQ(receive_all(receiver, slab_).sizes, expected);
}

TEST_F(UdpSocketTest, CutsAndJoinsRunsAlikeWithAndWithoutOffload) {
  DatagramSlab large(UdpOffload::kOn);
  std::iota(memory_.begin(), memory_.end(), std::uint8_t{});
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    for (const auto sending : {UdpOffload::kOff, UdpOffload::kOn}) {
      for (const auto receiving : {UdpOffload::kOff, UdpOffload::kOn}) {
        auto sender = bound_to(host + ":5000", sending);
        auto receiver = bound_to(host + ":6000", receiving);
        const auto remote = host + ":6000";
        const std::vector<base::Transmit> transmits{to(remote, 44 * 1472, 1472), to(remote, 64 * 100, 100),
                                                    to(remote, 3 * 700 + 1, 700), to(remote, 1472)};
        EXPECT_EQ(sender.send_batch(transmits).sent, 44U + 64U + 4U + 1U);
        std::vector<std::size_t> expected(44, 1472);
        expected.insert(expected.end(), 64, 100);
        expected.insert(expected.end(), {700, 700, 700, 1, 1472});
        const auto received = receive_all(receiver, receiving == UdpOffload::kOn ? large : slab_);
        EXPECT_EQ(received.sizes, expected) << host;
        EXPECT_EQ(received.datagrams.back().remote, endpoint(host + ":5000"));
        EXPECT_EQ(received.datagrams.front().local, endpoint(host + ":0").address);
      }
    }
  }
}

TEST_F(UdpSocketTest, ReceivesARunInOneMessageWhereTheKernelJoins) {
  auto sender = bound_to("127.0.0.1:5000", UdpOffload::kOn);
  auto receiver = bound_to("127.0.0.1:6000", UdpOffload::kOn);
  if (!sender.sends_runs() || !receiver.receives_runs())
    GTEST_SKIP() << "this kernel has no UDP_SEGMENT or UDP_GRO";
  DatagramSlab slab(UdpOffload::kOn);
  const auto transmit = to("127.0.0.1:6000", 40 * 1000, 1000);
  ASSERT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, 40U);
  // One message: the slab has eight slots and is not full.
  const auto result = receiver.receive_batch(slab);
  EXPECT_EQ(result.datagrams.size(), 40U);
  EXPECT_FALSE(result.more);
}

TEST_F(UdpSocketTest, TellsHowLongADatagramHasWaited) {
  auto sender = bound_to("127.0.0.1:5000");
  auto receiver = bound_to("127.0.0.1:6000");
  const auto transmit = to("127.0.0.1:6000", 100);
  const auto receive_after = [&](std::chrono::milliseconds pause) {
    EXPECT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, 1U);
    std::this_thread::sleep_for(pause);
    const auto received = receive_all(receiver, slab_).datagrams;
    return received.empty() ? base::Duration::min() : received.front().waited;
  };
  receive_after(std::chrono::milliseconds(0));  // the kernel begins to stamp a little after it was asked to
  for (const std::chrono::milliseconds pause : {30ms, 400ms}) {
    const auto waited = receive_after(pause);
    EXPECT_GE(waited, pause - 1ms);
    EXPECT_LE(waited, pause + 220ms);
  }
}

TEST_F(UdpSocketTest, SendsARunSinglyWhereTheDeviceTakesNone) {
  run("ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0");
  run("ip link set v0 up && ip link set v1 up && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev v0");
  run("ethtool -K v0 tx-checksumming off");
  auto sender = bound_to("192.0.2.1:0", UdpOffload::kOn);
  for (int i = 0; i < 3; ++i) {
    const auto transmit = to("192.0.2.2:6000", 10 * 1000, 1000);
    const auto result = sender.send_batch(std::span(&transmit, 1));
    EXPECT_EQ(result.sent, 10U);
    EXPECT_EQ(result.refused + result.too_big + result.buffer_full, 0U);
  }
}

TEST_F(UdpSocketTest, ReportsWhatOfARunIsLargerThanTheInterfaceTakes) {
  run("ip link set lo mtu 1500");
  auto sender = bound_to("127.0.0.1:0", UdpOffload::kOn);
  auto receiver = bound_to("127.0.0.1:6000");
  const std::vector<base::Transmit> transmits{to("127.0.0.1:6000", 1473 + 1200, 1473),
                                              to("127.0.0.1:6000", 7)};
  const auto result = sender.send_batch(transmits);
  EXPECT_EQ(result.too_big, 1U);
  ASSERT_EQ(result.oversized.size(), 1U);
  EXPECT_EQ(result.oversized[0].size, 1473U);
  EXPECT_EQ(receive_all(receiver, slab_).sizes, (std::vector<std::size_t>{1200, 7}));
}

TEST_F(UdpSocketTest, TellsLocalAndRemoteAddressOfEachDatagram) {
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    auto sender = bound_to(host + ":5000");
    UdpSocket receiver({{42}, endpoint(host + ":0").address.family(), {{}, 6000}, {}});
    const auto transmit = to(host + ":6000", 10);
    ASSERT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, 1U) << host;
    const auto received = receiver.receive_batch(slab_).datagrams;
    ASSERT_EQ(received.size(), 1U) << host;
    EXPECT_EQ(received[0].socket.value, 42U);
    EXPECT_EQ(received[0].local, endpoint(host + ":0").address);
    EXPECT_EQ(received[0].remote, endpoint(host + ":5000"));
  }
}

TEST_F(UdpSocketTest, LeavesFromTheLocalAddressOfTheRoute) {
  run("ip address add 2001:db8::7/128 dev lo nodad");
  const std::vector<std::pair<std::string, std::string>> cases{{"127.0.0.1:6000", "127.0.0.9:5000"},
                                                               {"[::1]:6000", "[2001:db8::7]:5000"}};
  for (const auto& [remote, local] : cases) {
    UdpSocket sender({{}, endpoint(local).address.family(), {{}, 5000}, {}});
    auto receiver = bound_to(remote);
    auto transmit = to(remote, 10);
    transmit.route.local = endpoint(local).address;
    ASSERT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, 1U) << local;
    EXPECT_EQ(receive_all(receiver, slab_).datagrams.at(0).remote, endpoint(local));
  }
}

TEST_F(UdpSocketTest, GoesOnBehindAMessageThatIsRefused) {
  auto sender = bound_to("0.0.0.0:0");
  auto receiver = bound_to("127.0.0.1:6000");
  const std::vector<base::Transmit> transmits{to("203.0.113.1:6000", 1), to("127.0.0.1:6000", 2),
                                              to("203.0.113.1:6000", 3), to("203.0.113.1:6000", 4),
                                              to("127.0.0.1:6000", 5)};
  const auto result = sender.send_batch(transmits);
  EXPECT_EQ(result.sent, 2U);
  EXPECT_EQ(result.refused, 3U);
  EXPECT_FALSE(result.unusable);
  EXPECT_EQ(receive_all(receiver, slab_).sizes, (std::vector<std::size_t>{2, 5}));
}

TEST_F(UdpSocketTest, ReportsWhatIsLargerThanTheInterfaceTakes) {
  run("ip link set lo mtu 1500");
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    auto sender = bound_to(host + ":0");
    auto receiver = bound_to(host + ":6000");
    const auto largest = 1500 - base::outer_overhead(endpoint(host + ":0").address.family());
    const std::vector<base::Transmit> transmits{to(host + ":6000", largest + 1), to(host + ":6000", largest)};
    const auto result = sender.send_batch(transmits);
    EXPECT_EQ(result.too_big, 1U) << host;
    ASSERT_EQ(result.oversized.size(), 1U) << host;
    EXPECT_EQ(result.oversized[0].size, largest + 1);
    EXPECT_EQ(result.oversized[0].route, transmits[0].route);
    EXPECT_EQ(receive_all(receiver, slab_).sizes, (std::vector<std::size_t>{largest})) << host;
  }
}

TEST_F(UdpSocketTest, LeavesOutAndCountsDatagramsThatWereCut) {
  auto sender = bound_to("127.0.0.1:0");
  auto receiver = bound_to("127.0.0.1:6000");
  const std::vector<base::Transmit> transmits{to("127.0.0.1:6000", kLargestDatagram + 1),
                                              to("127.0.0.1:6000", kLargestDatagram)};
  ASSERT_EQ(sender.send_batch(transmits).sent, 2U);
  const auto received = receive_all(receiver, slab_);
  EXPECT_EQ(received.truncated, 1U);
  EXPECT_EQ(received.sizes, (std::vector<std::size_t>{kLargestDatagram}));
}

TEST_F(UdpSocketTest, IsNotDisturbedByPortUnreachable) {
  auto socket = bound_to("127.0.0.1:6000");
  const std::vector<base::Transmit> transmits{to("127.0.0.1:6999", 1), to("127.0.0.1:6000", 2)};
  EXPECT_EQ(socket.send_batch(transmits).sent, 2U);
  EXPECT_EQ(receive_all(socket, slab_).sizes, (std::vector<std::size_t>{2}));
  EXPECT_EQ(socket.send_batch(transmits).sent, 2U);
}

TEST_F(UdpSocketTest, SaysWhenItsBufferIsFull) {
  // Nobody answers for 192.0.2.2: what is sent there waits in the neighbour's queue, at the socket's expense.
  run("ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0");
  run("ip link set v0 up && ip link set v1 up");
  auto sender = bound_to("192.0.2.1:0");
  const int tiny = 1;
  ASSERT_EQ(::setsockopt(sender.fd(), SOL_SOCKET, SO_SNDBUF, &tiny, sizeof(tiny)), 0);
  const auto transmit = to("192.0.2.2:6000", 100'000, 1000);
  const auto result = sender.send_batch(std::span(&transmit, 1));
  EXPECT_GT(result.sent, 0U);
  EXPECT_GT(result.buffer_full, 0U);
  EXPECT_EQ(result.sent + result.buffer_full, 100U);
}

TEST_F(UdpSocketTest, IsUnusableOnceItsDeviceIsGone) {
  run("ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0");
  run("ip link set v0 up && ip link set v1 up");
  UdpSocket sender({{}, base::Family::kV4, {}, "v0"});
  const auto transmit = to("192.0.2.2:6000", 10);
  EXPECT_FALSE(sender.send_batch(std::span(&transmit, 1)).unusable);
  run("ip link delete v0");
  EXPECT_TRUE(receive_all(sender, slab_).sizes.empty());
  const auto result = sender.send_batch(std::span(&transmit, 1));
  EXPECT_EQ(result.refused, 1U);
  EXPECT_TRUE(result.unusable);
}

TEST_F(UdpSocketTest, IsUnusableOnceItsV6SourceAddressIsGone) {
  run("ip address add 2001:db8::7/128 dev lo nodad");
  UdpSocket sender({{}, base::Family::kV6, {}, {}});
  auto transmit = to("[::1]:6000", 10);
  transmit.route.local = endpoint("[2001:db8::7]:0").address;
  EXPECT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, 1U);
  run("ip address del 2001:db8::7/128 dev lo");
  EXPECT_TRUE(sender.send_batch(std::span(&transmit, 1)).unusable);
}

TEST_F(UdpSocketTest, IsRefusedOnceItsV4SourceAddressIsGone) {
  run("ip address add 192.0.2.1/24 dev lo");
  UdpSocket sender({{}, base::Family::kV4, {}, {}});
  auto transmit = to("127.0.0.1:6000", 10);
  transmit.route.local = endpoint("192.0.2.1:0").address;
  EXPECT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, 1U);
  run("ip address del 192.0.2.1/24 dev lo");
  EXPECT_EQ(sender.send_batch(std::span(&transmit, 1)).refused, 1U);
}

TEST_F(UdpSocketTest, DoesNotTakeAPortOfZeroForALostAddress) {
  UdpSocket sender({{}, base::Family::kV4, {}, {}});
  const auto transmit = to("127.0.0.1:0", 10);
  const auto result = sender.send_batch(std::span(&transmit, 1));
  EXPECT_EQ(result.refused, 1U);
  EXPECT_FALSE(result.unusable);
}

TEST_F(UdpSocketTest, KnowsThePortThatTheKernelChose) {
  const UdpSocket socket({{}, base::Family::kV6, {}, {}});
  EXPECT_EQ(socket.local_address().address.family(), base::Family::kV6);
  EXPECT_NE(socket.local_address().port, 0);
}

TEST_F(UdpSocketTest, SharesAPortBetweenTheFamilies) {
  const UdpSocket v4({{}, base::Family::kV4, {{}, 6000}, {}});
  EXPECT_NO_THROW(UdpSocket({{}, base::Family::kV6, {{}, 6000}, {}}));
}

TEST_F(UdpSocketTest, NamesWhatItCannotBindAndTheRemedy) {
  const auto taken = bound_to("127.0.0.1:6000");
  struct Case {
    UdpOptions options;
    std::string names;
    std::string remedy;
  };
  const std::vector<Case> cases{
      {{{}, base::Family::kV4, endpoint("127.0.0.1:6000"), {}}, "127.0.0.1:6000", "choose another port"},
      {{{}, base::Family::kV4, endpoint("203.0.113.1:6000"), {}}, "203.0.113.1:6000", "no such address"},
      {{{}, base::Family::kV4, {}, "nosuch0"}, "nosuch0", "ip link"},
  };
  for (const auto& [options, names, remedy] : cases) {
    try {
      UdpSocket socket(options);
      ADD_FAILURE() << names;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find(names), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(remedy), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace sennit::io
