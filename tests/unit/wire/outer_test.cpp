#include "wire/outer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sennit::wire {
namespace {

std::vector<std::uint8_t> datagram(std::uint8_t first, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  if (size > 0) bytes[0] = first;
  return bytes;
}

TEST(MessageType, IsTheHighThreeBitsOfTheFirstByte) {
  for (unsigned first = 0; first < 256; ++first) {
    const auto type = message_type(datagram(static_cast<std::uint8_t>(first), 1));
    const unsigned high = first >> 5U;
    ASSERT_EQ(type.has_value(), high >= 1 && high <= 4) << first;
    if (!type) continue;
    EXPECT_EQ(static_cast<unsigned>(*type), high);
  }
  EXPECT_FALSE(message_type({}));
}

// Each length gets a buffer of its own, so that a sanitizer sees any read beyond it.
template <class Message>
void expect_sizes(std::uint8_t first, std::size_t smallest, std::size_t largest) {
  for (std::size_t size = 0; size <= 1300; ++size) {
    const auto bytes = datagram(first, size);
    EXPECT_EQ(Message::parse(bytes).has_value(), size >= smallest && size <= largest) << size;
  }
}

TEST(Initiation, ParsesOnlyWithinItsSizes) {
  expect_sizes<Initiation>(0x20, 400, 1200);
}
TEST(Response, ParsesOnlyWithinItsSizes) {
  expect_sizes<Response>(0x40, 72, 1200);
}
TEST(CookieReply, ParsesOnlyAtItsSize) {
  expect_sizes<CookieReply>(0x60, 64, 64);
}
TEST(SealedHeader, ParsesOnlyInFrontOfATag) {
  expect_sizes<SealedHeader>(0x80, 24, 1300);
}

template <class Message>
void expect_only_type(MessageType type, std::size_t size) {
  for (unsigned first = 0; first < 256; ++first) {
    const bool is_type = first >> 5U == static_cast<unsigned>(type);
    EXPECT_EQ(Message::parse(datagram(static_cast<std::uint8_t>(first), size)).has_value(), is_type) << first;
  }
}

TEST(OuterMessages, ParseOnlyTheirOwnType) {
  expect_only_type<Initiation>(MessageType::kInitiation, 400);
  expect_only_type<Response>(MessageType::kResponse, 400);
  expect_only_type<CookieReply>(MessageType::kCookieReply, 64);
  expect_only_type<SealedHeader>(MessageType::kSealed, 64);
}

TEST(SealedHeader, KeepsEveryPathAndIndexThroughARoundTrip) {
  for (unsigned path = 0; path < base::kMaxPaths; ++path) {
    for (const std::uint32_t index : {0U, 1U, 0x123456U, base::kMaxSessionIndex}) {
      auto bytes = datagram(0, SealedHeader::kSize + kTagSize);
      const SealedHeader header{base::PathId{static_cast<std::uint8_t>(path)}, base::SessionIndex{index},
                                ~index};
      header.serialize(std::span(bytes).first<SealedHeader::kSize>());
      const auto parsed = SealedHeader::parse(bytes);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->path, header.path);
      EXPECT_EQ(parsed->receiver, header.receiver);
      EXPECT_EQ(parsed->counter_low, header.counter_low);
    }
  }
}

TEST(Initiation, SpansCoverTheDatagramWithoutGaps) {
  const auto bytes = datagram(0x20, 777);
  const auto message = Initiation::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->header.data(), bytes.data());
  EXPECT_EQ(message->noise.data(), bytes.data() + 8);
  EXPECT_EQ(message->mac1.data(), message->noise.data() + message->noise.size());
  EXPECT_EQ(message->mac2.data(), message->mac1.data() + 16);
  EXPECT_EQ(message->mac2.data() + message->mac2.size(), bytes.data() + bytes.size());
  EXPECT_EQ(message->before_mac1.size(), 777U - 32);
  EXPECT_EQ(message->before_mac2.size(), 777U - 16);
}

}  // namespace
}  // namespace sennit::wire
