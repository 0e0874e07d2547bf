#include "shell/steering.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>

#include "base/error.hpp"
#include "io/udp_socket.hpp"
#include "wire/outer.hpp"

namespace sennit::shell {
namespace {

constexpr std::uint32_t kWorkers = 3;

// Sockets of three workers that share a port of the loopback, and one that sends.
class Steering : public testing::Test {
 protected:
  Steering() {
    sender_ = std::make_unique<io::UdpSocket>(options(0, io::PortUse::kAlone));
    group_.push_back(std::make_unique<io::UdpSocket>(options(0, io::PortUse::kFirstOfGroup)));
    port_ = group_.front()->local_address().port;
    while (group_.size() < kWorkers)
      group_.push_back(std::make_unique<io::UdpSocket>(options(port_, io::PortUse::kInGroup)));
    group_.front()->steer(steering_program(kWorkers));
  }

  static io::UdpOptions options(std::uint16_t port, io::PortUse use) {
    io::UdpOptions options;
    options.bind = {*base::IpAddress::parse("127.0.0.1"), port};
    options.port_use = use;
    return options;
  }

  // The worker that this datagram comes to.
  std::optional<std::size_t> receiver_of(base::ConstByteSpan datagram) {
    const base::Transmit transmit{{{}, {}, {*base::IpAddress::parse("127.0.0.1"), port_}}, datagram, 0};
    EXPECT_EQ(sender_->send_batch({&transmit, 1}).sent, 1U);
    std::array<pollfd, kWorkers> polled{};
    for (std::size_t i = 0; i < kWorkers; ++i) polled[i] = {group_[i]->fd(), POLLIN, 0};
    EXPECT_EQ(::poll(polled.data(), polled.size(), 2000), 1);
    for (std::size_t i = 0; i < kWorkers; ++i) {
      if (group_[i]->receive_batch(slab_).datagrams.size() == 1) return i;
    }
    return std::nullopt;
  }

  std::unique_ptr<io::UdpSocket> sender_;
  std::vector<std::unique_ptr<io::UdpSocket>> group_;
  std::uint16_t port_ = 0;
  io::DatagramSlab slab_{io::UdpOffload::kOff};
};

TEST_F(Steering, SealedDatagramsGoToTheWorkerOfTheirSession) {
  for (std::uint32_t index : {0U, 1U, 2U, 3U, 4U, 255U, 256U, 65536U, base::kMaxSessionIndex}) {
    for (const std::uint8_t path : std::array<std::uint8_t, 2>{0, 31}) {
      std::array<std::uint8_t, wire::SealedHeader::kSize + wire::kTagSize> datagram{};
      wire::SealedHeader{{path}, {index}, 7}.serialize(
          base::ByteSpan(datagram).first<wire::SealedHeader::kSize>());
      EXPECT_EQ(receiver_of(datagram), index % kWorkers) << index;
    }
  }
}

TEST_F(Steering, WhateverElseComesGoesToTheFirst) {
  for (const unsigned type : {0U, 1U, 2U, 3U, 5U, 6U, 7U}) {
    std::array<std::uint8_t, 600> datagram{};
    datagram[0] = static_cast<std::uint8_t>(type << 5U);
    datagram[3] = 1;
    EXPECT_EQ(receiver_of(datagram), 0U) << type;
  }
  for (std::size_t size = 1; size < 4; ++size) {
    const std::array<std::uint8_t, 3> shorter{0x80, 0, 1};
    EXPECT_EQ(receiver_of(base::ConstByteSpan(shorter).first(size)), 0U) << "of " << size << " bytes";
  }
}

TEST_F(Steering, AGroupIsNotOpenedWhereSomebodyElseIs) {
  EXPECT_THROW(io::UdpSocket(options(port_, io::PortUse::kFirstOfGroup)), base::Error);
}

}  // namespace
}  // namespace sennit::shell
