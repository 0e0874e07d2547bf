#include "wire/tcp_ack.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "unit/wire/packets.hpp"
#include "wire/bytes.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;

const Bytes kTimestamps = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};

// An acknowledgement of everything up to `acknowledged`; `tcp_at` is where the TCP header begins.
Bytes ack(std::uint32_t acknowledged, std::size_t tcp_at = 20, const Bytes& options = {}) {
  const auto segment = packets::tcp(packets::kAck, options);
  auto packet = tcp_at == 20 ? packets::ipv4(6, segment) : packets::ipv6(6, segment);
  store_u16(packet, tcp_at + 8, static_cast<std::uint16_t>(acknowledged >> 16U));
  store_u16(packet, tcp_at + 10, static_cast<std::uint16_t>(acknowledged));
  packets::fill_tcp_checksum(packet, tcp_at);
  return packet;
}

TEST(Supersedes, WhatAcknowledgesMoreOfTheSameConnection) {
  for (const std::size_t tcp_at : {20U, 40U}) {
    for (const auto& options : {Bytes{}, kTimestamps}) {
      EXPECT_TRUE(supersedes(ack(2000, tcp_at, options), ack(1000, tcp_at, options)));
      EXPECT_TRUE(supersedes(ack(5, tcp_at, options), ack(0xFFFF'FF00, tcp_at, options)))
          << "it wraps around";
      EXPECT_FALSE(supersedes(ack(1000, tcp_at, options), ack(2000, tcp_at, options)));
      EXPECT_FALSE(supersedes(ack(1000, tcp_at, options), ack(1000, tcp_at, options)))
          << "a duplicate says loss";
    }
  }
}

// Each change, to the newer or to the older one, makes it something that must not be left out.
TEST(Supersedes, NothingThatSaysMoreThanAnAcknowledgement) {
  struct Case {
    const char* what;
    std::function<void(Bytes&)> change;
  };
  const std::vector<Case> cases = {
      {"another address", [](Bytes& packet) { packet[19] ^= 1; }},
      {"another source port", [](Bytes& packet) { packet[21] ^= 1; }},
      {"another destination port", [](Bytes& packet) { packet[23] ^= 1; }},
      {"another sequence", [](Bytes& packet) { packet[27] ^= 1; }},
      {"SYN", [](Bytes& packet) { packet[33] |= 0x02; }},
      {"FIN", [](Bytes& packet) { packet[33] |= 0x01; }},
      {"RST", [](Bytes& packet) { packet[33] |= 0x04; }},
      {"PSH", [](Bytes& packet) { packet[33] |= 0x08; }},
      {"ECE", [](Bytes& packet) { packet[33] |= 0x40; }},
      {"no ACK", [](Bytes& packet) { packet[33] = 0; }},
      {"no TCP", [](Bytes& packet) { packet[9] = 17; }},
      {"a fragment", [](Bytes& packet) { packet[7] = 1; }},
      {"selective acknowledgement", [](Bytes& packet) { packet[42] = 5; }},
      {"a header that is too short", [](Bytes& packet) { packet[32] = 0x40; }},
      {"a header that is too long", [](Bytes& packet) { packet[32] = 0xF0; }},
      {"data behind the header", [](Bytes& packet) { packet[32] = 0x50; }},
  };
  const auto older = ack(1000, 20, kTimestamps);
  const auto newer = ack(2000, 20, kTimestamps);
  ASSERT_TRUE(supersedes(newer, older));
  for (const auto& [what, change] : cases) {
    auto changed = newer;
    change(changed);
    EXPECT_FALSE(supersedes(changed, older)) << what;
    changed = older;
    change(changed);
    EXPECT_FALSE(supersedes(newer, changed)) << what;
  }
}

TEST(Supersedes, NothingAtAnyShorterLength) {
  const auto older = ack(1000, 20, kTimestamps);
  const auto newer = ack(2000, 20, kTimestamps);
  for (std::size_t size = 0; size < newer.size(); ++size) {
    EXPECT_FALSE(supersedes(base::ConstByteSpan(newer).first(size), base::ConstByteSpan(older).first(size)));
    EXPECT_FALSE(supersedes(newer, base::ConstByteSpan(older).first(size)));
  }
}

}  // namespace
}  // namespace sennit::wire
