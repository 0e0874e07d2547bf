#include "wire/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace sennit::wire {
namespace {

using testing::ElementsAre;

constexpr std::array<std::uint8_t, 8> kEight = {1, 2, 3, 4, 5, 6, 7, 8};

TEST(Reader, ReadsIntegersInNetworkOrder) {
  EXPECT_EQ(Reader(kEight).u8(), 0x01U);
  EXPECT_EQ(Reader(kEight).u16(), 0x0102U);
  EXPECT_EQ(Reader(kEight).u24(), 0x010203U);
  EXPECT_EQ(Reader(kEight).u32(), 0x01020304U);
  EXPECT_EQ(Reader(kEight).u64(), 0x0102030405060708U);
}

TEST(Reader, TakesWhatItReads) {
  Reader reader(kEight);
  reader.u24();
  reader.skip(1);
  EXPECT_THAT(reader.bytes(2), ElementsAre(5, 6));
  EXPECT_THAT(reader.rest(), ElementsAre(7, 8));
  EXPECT_TRUE(reader.ok());
}

TEST(Reader, StaysBadAfterReadingPastTheEnd) {
  Reader reader(base::ConstByteSpan(kEight).first(3));
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0U);
  EXPECT_TRUE(reader.bytes(1).empty());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, MayReadNothingAtTheEnd) {
  Reader reader(base::ConstByteSpan{});
  EXPECT_TRUE(reader.bytes(0).empty());
  EXPECT_TRUE(reader.ok());
}

TEST(Writer, WritesIntegersInNetworkOrder) {
  std::array<std::uint8_t, 18> out{};
  Writer writer(out);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u24(0xFF040506);
  writer.u32(0x0708090A);
  writer.u64(0x0B0C0D0E0F101112);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.space(), 0U);
  EXPECT_THAT(out, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18));
}

TEST(Writer, WritesNothingFromTheFirstThatDoesNotFit) {
  std::array<std::uint8_t, 4> out{};
  Writer writer(out);
  writer.u24(0x010203);
  writer.u16(0x0405);
  writer.u8(0x06);
  writer.bytes(kEight);
  writer.zeros(1);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.written(), 3U);
  EXPECT_THAT(out, ElementsAre(1, 2, 3, 0));
}

TEST(Words, AreLoadedAndStoredAtAnyOffset) {
  std::array<std::uint8_t, 5> bytes{};
  store_u16(bytes, 1, 0xABCD);
  EXPECT_THAT(bytes, ElementsAre(0, 0xAB, 0xCD, 0, 0));
  EXPECT_EQ(load_u16(bytes, 1), 0xABCD);
  EXPECT_EQ(load_u16(bytes, 2), 0xCD00);
}

}  // namespace
}  // namespace sennit::wire
