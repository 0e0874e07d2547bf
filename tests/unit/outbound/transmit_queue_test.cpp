#include "outbound/transmit_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/rng.hpp"

namespace sennit::outbound {
namespace {

using Datagram = std::vector<std::uint8_t>;

base::Route route(std::uint32_t number) {
  return {base::SocketId{number}, {}, {base::IpAddress::v4({192, 0, 2, 1}), 6000}};
}

void put(TransmitQueue& queue, const base::Route& to, const Datagram& datagram) {
  std::ranges::copy(datagram, queue.reserve(to, datagram.size()).begin());
}

// Cuts a transmit where the kernel would.
std::vector<Datagram> cut(const base::Transmit& transmit) {
  std::vector<Datagram> datagrams;
  for (std::size_t at = 0; at < transmit.bytes.size(); at += transmit.segment_size) {
    const auto piece =
        transmit.bytes.subspan(at, std::min(transmit.segment_size, transmit.bytes.size() - at));
    datagrams.emplace_back(piece.begin(), piece.end());
  }
  return datagrams;
}

TEST(TransmitQueue, JoinsEqualDatagramsOfOneRouteAndEndsTheRunWithAShorterOne) {
  TransmitQueue queue;
  for (const std::size_t size : {100U, 100U, 60U, 100U}) put(queue, route(1), Datagram(size, 7));
  const auto transmits = queue.drain();
  ASSERT_EQ(transmits.size(), 2U);
  EXPECT_EQ(transmits[0].segment_size, 100U);
  EXPECT_EQ(transmits[0].bytes.size(), 260U);
  EXPECT_EQ(transmits[1].bytes.size(), 100U);
}

TEST(TransmitQueue, StartsANewRunForALongerDatagram) {
  TransmitQueue queue;
  put(queue, route(1), Datagram(100, 1));
  put(queue, route(1), Datagram(101, 2));
  EXPECT_EQ(queue.drain().size(), 2U);
}

TEST(TransmitQueue, NeverExceedsWhatOneSendTakes) {
  TransmitQueue queue;
  for (int i = 0; i < 500; ++i) put(queue, route(1), Datagram(1400, 1));
  for (int i = 0; i < 500; ++i) put(queue, route(2), Datagram(40, 1));
  for (const auto& transmit : queue.drain()) {
    EXPECT_LE(transmit.bytes.size(), 65'507U);
    EXPECT_LE(cut(transmit).size(), 64U);
  }
}

TEST(TransmitQueue, GivesEachDatagramOnce) {
  TransmitQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.drain().empty());
  put(queue, route(1), Datagram(10, 1));
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.drain().size(), 1U);
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.drain().empty());
}

TEST(TransmitQueue, TakesTheNextBatchAfterADrain) {
  TransmitQueue queue;
  put(queue, route(1), Datagram(10, 0xAB));
  queue.drain();
  put(queue, route(2), Datagram(10, 0xCD));
  const auto transmits = queue.drain();
  ASSERT_EQ(transmits.size(), 1U);
  EXPECT_EQ(transmits.front().route, route(2));
  EXPECT_EQ(transmits.front().bytes.front(), 0xCD);
}

// Whatever is queued comes out, byte for byte and in order for each route, over many batches.
TEST(TransmitQueue, ReproducesEveryDatagramInOrderPerRoute) {
  base::Rng rng(11);
  TransmitQueue queue;
  for (int batch = 0; batch < 200; ++batch) {
    std::map<base::Route, std::vector<Datagram>> sent;
    const auto count = rng.below(150);
    for (std::uint64_t i = 0; i < count; ++i) {
      Datagram datagram(rng.below(3) == 0 ? 1 + rng.below(1500) : 1400);
      std::ranges::generate(datagram, [&] { return static_cast<std::uint8_t>(rng()); });
      const auto to = route(static_cast<std::uint32_t>(rng.below(5)));
      put(queue, to, datagram);
      sent[to].push_back(datagram);
    }
    std::map<base::Route, std::vector<Datagram>> came;
    for (const auto& transmit : queue.drain()) {
      auto& datagrams = came[transmit.route];
      for (auto& datagram : cut(transmit)) datagrams.push_back(std::move(datagram));
    }
    ASSERT_EQ(came, sent) << "batch " << batch;
  }
}

}  // namespace
}  // namespace sennit::outbound
