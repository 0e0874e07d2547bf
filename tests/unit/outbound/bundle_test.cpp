#include "outbound/bundle.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "unit/outbound/ack.hpp"

namespace sennit::outbound {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kLargestFrame = 1448;

bool add(Bundle& bundle, std::uint16_t bucket, std::uint32_t sequence, Bytes packet,
         std::size_t largest_frame = kLargestFrame) {
  return bundle.add({{bucket}, {sequence}, packet}, largest_frame);
}

Bytes take(Bundle& bundle) {
  const auto frame = bundle.take();
  return {frame.begin(), frame.end()};
}

TEST(Bundle, APacketThatStayedAloneIsAPlainDataFrame) {
  Bundle bundle;
  ASSERT_TRUE(add(bundle, 7, 9, {1, 2, 3}));
  const auto frame = take(bundle);
  const auto header = wire::DataHeader::parse(frame);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->kind, wire::FrameKind::kData);
  EXPECT_EQ(header->flags, 0);
  EXPECT_EQ(header->bucket.value, 7);
  EXPECT_EQ(header->sequence.value, 9U);
  EXPECT_EQ(Bytes(frame.begin() + wire::DataHeader::kSize, frame.end()), (Bytes{1, 2, 3}));
  EXPECT_EQ(bundle.count(), 0U);
}

TEST(Bundle, SeveralPacketsComeOutOfOneFrameInTheirOrder) {
  Bundle bundle;
  for (std::uint8_t i = 0; i < 5; ++i) ASSERT_TRUE(add(bundle, i, 100U + i, Bytes(10U + i, i)));
  EXPECT_EQ(bundle.count(), 5U);
  auto frame = take(bundle);
  wire::BundleReader reader(frame);
  for (std::uint8_t i = 0; i < 5; ++i) {
    const auto packet = reader.next();
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->bucket.value, i);
    EXPECT_EQ(packet->sequence.value, 100U + i);
    EXPECT_EQ(Bytes(packet->packet.begin(), packet->packet.end()), Bytes(10U + i, i));
  }
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.ok());
}

struct Taken {
  std::uint16_t bucket;
  std::uint32_t sequence;
  Bytes packet;
  bool operator==(const Taken&) const = default;
};

std::vector<Taken> unpack(Bundle& bundle) {
  auto frame = take(bundle);
  wire::BundleReader reader(frame);
  std::vector<Taken> taken;
  while (const auto packet = reader.next())
    taken.push_back(
        {packet->bucket.value, packet->sequence.value, {packet->packet.begin(), packet->packet.end()}});
  return taken;
}

TEST(Bundle, AnAcknowledgementTakesThePlaceOfTheOneBeforeIt) {
  Bundle bundle;
  EXPECT_FALSE(bundle.replace({7}, ack(1000))) << "nothing is there yet";
  ASSERT_TRUE(add(bundle, 7, 1, ack(1000)));
  ASSERT_TRUE(add(bundle, 8, 1, ack(1000)));
  EXPECT_TRUE(bundle.replace({7}, ack(3000)));
  EXPECT_TRUE(bundle.replace({7}, ack(4000)));
  EXPECT_FALSE(bundle.replace({8}, ack(1000))) << "a duplicate says loss";
  EXPECT_FALSE(bundle.replace({9}, ack(4000))) << "another flow's";
  EXPECT_EQ(unpack(bundle), (std::vector<Taken>{{7, 1, ack(4000)}, {8, 1, ack(1000)}}));
}

TEST(Bundle, AnAcknowledgementNeverOvertakesWhatItsFlowSentInBetween) {
  Bundle bundle;
  ASSERT_TRUE(add(bundle, 7, 1, ack(1000)));
  ASSERT_TRUE(add(bundle, 7, 2, Bytes(40, 1)));
  EXPECT_FALSE(bundle.replace({7}, ack(3000)));
  EXPECT_EQ(unpack(bundle).size(), 2U);
}

TEST(Bundle, NeverExceedsTheLargestFrameNorLosesAPacketThatFitsAlone) {
  for (const std::size_t largest : {100U, 200U, 648U, 1448U, 9000U}) {
    Bundle bundle;
    // Beside its data header a packet of this size just fits.
    const auto size = std::min(Bundle::kLargestPacket, largest - wire::DataHeader::kSize);
    ASSERT_TRUE(add(bundle, 1, 1, Bytes(size), largest));
    EXPECT_LE(take(bundle).size(), largest);
    while (add(bundle, 1, 1, Bytes(30), largest)) continue;
    EXPECT_GT(bundle.count(), 1U);
    EXPECT_LE(take(bundle).size(), std::min(largest, Bundle::kCapacity));
  }
}

TEST(Bundle, BeginsAnewAfterItWasTaken) {
  Bundle bundle;
  ASSERT_TRUE(add(bundle, 1, 1, {1}) && add(bundle, 1, 2, {2}));
  take(bundle);
  ASSERT_TRUE(add(bundle, 1, 3, {3}));
  EXPECT_EQ(take(bundle).size(), wire::DataHeader::kSize + 1);
}

}  // namespace
}  // namespace sennit::outbound
