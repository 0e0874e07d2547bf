#include "io/tun_device.hpp"

#include <poll.h>

#include "base/error.hpp"
#include "io/assigned_address.hpp"
#include "io/udp_socket.hpp"
#include "unit/io/inner_packet.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

class TunDeviceTest : public NamespaceTest {
 protected:
  // The device up, with 10.77.0.1/24.
  void configure(const TunDevice& tun) {
    ASSERT_FALSE(routes_.configure(tun.index(), {1400, kTunQueueLength, true, true}));
    ASSERT_FALSE(routes_.add_address(tun.index(), base::Prefix::parse("10.77.0.1/24").value()));
  }

  // Sends `count` datagrams of one byte to 10.77.0.2, numbered by that byte.
  static void send_into_tunnel(std::uint8_t count, UdpOffload offload = UdpOffload::kOff) {
    UdpSocket sender({{}, base::Family::kV4, {}, {}, offload});
    std::vector<std::uint8_t> payload;
    for (std::uint8_t i = 0; i < count; ++i) payload.push_back(i);
    const base::Transmit transmit{{{}, {}, base::SocketAddress::parse("10.77.0.2:9").value()}, payload, 1};
    ASSERT_EQ(sender.send_batch(std::span(&transmit, 1)).sent, count);
  }

  RouteSocket routes_;
};

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const base::Error& error) {
    return error.what();
  }
  return {};
}

TEST_F(TunDeviceTest, CreatesAnInterfaceThatGoesWithIt) {
  {
    const TunDevice tun("sennit0");
    EXPECT_EQ(tun.name(), "sennit0");
    EXPECT_NE(tun.index().value, 0);
    EXPECT_EQ(tun.index(), index_of("sennit0"));
  }
  EXPECT_EQ(index_of("sennit0").value, 0);
}

TEST_F(TunDeviceTest, RefusesANameThatIsTakenAndSaysSo) {
  const TunDevice first("sennit0");
  const auto message = message_of([] { TunDevice second("sennit0"); });
  EXPECT_NE(message.find("sennit0"), std::string::npos) << message;
  EXPECT_NE(message.find("--tun"), std::string::npos) << message;
}

TEST(TunDeviceName, MustHaveOneToFifteenCharacters) {
  EXPECT_THROW(TunDevice(""), base::UsageError);
  EXPECT_THROW(TunDevice("sixteen-letters-"), base::UsageError);
}

TEST_F(TunDeviceTest, IsSetUpAsAsked) {
  const TunDevice tun("sennit0");
  configure(tun);
  const auto shown = run("ip link show dev sennit0");
  EXPECT_NE(shown.find("mtu 1400"), std::string::npos) << shown;
  EXPECT_NE(shown.find("qlen 4096"), std::string::npos) << shown;
  EXPECT_NE(shown.find("UP"), std::string::npos) << shown;
  EXPECT_EQ(run("ip -6 address show dev sennit0"), "");
}

TEST_F(TunDeviceTest, ReadsWhatIsRoutedIntoItWithHeadroomInFront) {
  TunDevice tun("sennit0");
  configure(tun);
  send_into_tunnel(1);
  PacketSlab slab;
  const auto packets = tun.read_batch(slab);
  ASSERT_EQ(packets.size(), 1U);
  const auto bytes = packets[0].bytes;
  ASSERT_EQ(bytes.size(), 29U);
  EXPECT_EQ(base::IpAddress::from_bytes(bytes.subspan(16, 4)), base::IpAddress::parse("10.77.0.2"));
  std::fill_n(bytes.data() - base::kHeadroom, base::kHeadroom, std::uint8_t{0xAA});
  EXPECT_EQ(bytes[0], 0x45);
}

TEST_F(TunDeviceTest, ReadsInOrderAsManyAsTheSlabHolds) {
  TunDevice tun("sennit0");
  configure(tun);
  send_into_tunnel(5);
  PacketSlab slab(2);
  std::vector<std::size_t> sizes;
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) {
    const auto packets = tun.read_batch(slab);
    sizes.push_back(packets.size());
    for (const auto& packet : packets) order.push_back(packet.bytes.back());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1, 0}));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(TunDeviceTest, ReadsASuperpacketWhereItMay) {
  struct Case {
    TunOffload wanted;
    std::size_t packets;
    base::Segmentation segmentation;
  };
  for (const auto& [wanted, packets, segmentation] :
       {Case{TunOffload::kTcpAndUdp, 1, base::Segmentation::kUdp},
        Case{TunOffload::kTcp, 5, base::Segmentation::kNone},
        Case{TunOffload::kOff, 5, base::Segmentation::kNone}}) {
    TunDevice tun("sennit0", wanted);
    if (tun.offload() != wanted) GTEST_SKIP() << "this kernel has no USO for TUN devices";
    configure(tun);
    send_into_tunnel(5, UdpOffload::kOn);
    PacketSlab slab;
    const auto read = tun.read_batch(slab);
    ASSERT_EQ(read.size(), packets);
    EXPECT_EQ(read[0].offload.segmentation, segmentation);
    EXPECT_EQ(read[0].offload.segment_size, packets == 1 ? 1 : 0);
    EXPECT_EQ(read[0].offload.checksum_start, wanted == TunOffload::kOff ? 0 : 20);
    EXPECT_EQ(read[0].bytes.size(), 28 + 5 / packets);
  }
}

TEST_F(TunDeviceTest, WritesASuperpacketThatTheKernelCuts) {
  TunDevice tun("sennit0", TunOffload::kTcpAndUdp);
  if (tun.offload() != TunOffload::kTcpAndUdp) GTEST_SKIP() << "this kernel has no USO for TUN devices";
  configure(tun);
  UdpSocket receiver({{}, base::Family::kV4, base::SocketAddress::parse("10.77.0.1:7000").value(), {}});
  // Headers for three payloads of which the first lies behind them; no sum of the pseudo-header, which the
  // kernel takes for a checksum to be made.
  auto first = udp_packet("10.77.0.2:9", "10.77.0.1:7000", "one");
  put_u16(first, 2, 28 + 8);
  put_u16(first, 10, 0);
  put_u16(first, 10, header_checksum(first));
  put_u16(first, 24, 8 + 8);
  const std::string second = "two";
  const std::string third = "3.";
  const auto view = [](const std::string& text) {
    return base::ConstByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  const std::vector<base::ConstByteSpan> more{view(second), view(third)};
  const base::InboundPacket packet{first, more, {base::Segmentation::kUdp, 3, 20, 6}};
  EXPECT_EQ(tun.write_batch(std::span(&packet, 1)), 0U);
  DatagramSlab slab;
  std::vector<std::string> received;
  for (const auto& datagram : receiver.receive_batch(slab).datagrams)
    received.emplace_back(datagram.bytes.begin(), datagram.bytes.end());
  EXPECT_EQ(received, (std::vector<std::string>{"one", "two", "3."}));
}

TEST_F(TunDeviceTest, DeliversWrittenPacketsAndCountsRefusedOnes) {
  TunDevice tun("sennit0");
  configure(tun);
  UdpSocket receiver({{}, base::Family::kV4, base::SocketAddress::parse("10.77.0.1:7000").value(), {}});
  const auto good = udp_packet("10.77.0.2:9", "10.77.0.1:7000", "hello");
  const std::vector<std::uint8_t> garbage(40, 0x00);
  const std::vector<base::InboundPacket> packets{{garbage}, {good}, {garbage}};
  EXPECT_EQ(tun.write_batch(packets), 2U);
  DatagramSlab slab;
  const auto received = receiver.receive_batch(slab).datagrams;
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].remote.to_string(), "10.77.0.2:9");
  EXPECT_EQ(std::string(received[0].bytes.begin(), received[0].bytes.end()), "hello");
}

TEST_F(TunDeviceTest, NoticesThatItsInterfaceWasDeleted) {
  TunDevice tun("sennit0");
  PacketSlab slab;
  EXPECT_TRUE(tun.read_batch(slab).empty());
  EXPECT_FALSE(tun.gone());
  run("ip link delete sennit0");
  pollfd poll_fd{tun.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll_fd, 1, 1000), 1);
  EXPECT_TRUE(tun.read_batch(slab).empty());
  EXPECT_TRUE(tun.gone());
}

}  // namespace
}  // namespace sennit::io
