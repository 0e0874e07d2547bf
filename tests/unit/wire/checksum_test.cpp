#include "wire/checksum.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "unit/wire/packets.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;

Bytes random_bytes(std::size_t size, base::Rng& rng) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
  return bytes;
}

Bytes slice(const Bytes& bytes, std::size_t at, std::size_t size) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

TEST(Checksum, AgreesWithTheReferenceAtEveryLengthAndAlignment) {
  base::Rng rng(1);
  const Bytes bytes = random_bytes(700, rng);
  for (std::size_t length = 0; length < 600; ++length) {
    for (const std::size_t at : {0U, 1U, 2U, 3U, 7U, 8U, 31U, 33U}) {
      const auto part = base::ConstByteSpan(bytes).subspan(at, length);
      ASSERT_EQ(checksum_finish(checksum_add(part, 0)), packets::reference_checksum(slice(bytes, at, length)))
          << length << " bytes at " << at;
    }
  }
}

TEST(Checksum, AgreesWithTheReferenceForRandomLengthsUpTo70000) {
  base::Rng rng(2);
  const Bytes bytes = random_bytes(70'064, rng);
  for (int run = 0; run < 200; ++run) {
    const std::size_t at = rng.below(64);
    const std::size_t length = rng.below(70'001);
    const auto part = base::ConstByteSpan(bytes).subspan(at, length);
    ASSERT_EQ(checksum_finish(checksum_add(part, 0)), packets::reference_checksum(slice(bytes, at, length)))
        << length << " bytes at " << at;
  }
}

TEST(Checksum, CarriesOverAsFarAsItMust) {
  for (const std::size_t length : {1U, 2U, 3U, 63U, 64U, 65U, 65'535U, 70'000U}) {
    const Bytes bytes(length, 0xFF);
    EXPECT_EQ(checksum_finish(checksum_add(bytes, 0)), packets::reference_checksum(bytes)) << length;
  }
}

TEST(Checksum, IsZeroOnlyForZeros) {
  EXPECT_EQ(checksum_add(Bytes(100), 0), 0U);
  EXPECT_EQ(checksum_add(Bytes(100, 0xFF), 0), 0xFFFFU);
  EXPECT_EQ(checksum_add({}, 0xFFFF'FFFF), 0xFFFFU);
}

TEST(Checksum, MayBeAddedUpInParts) {
  base::Rng rng(3);
  const Bytes bytes = random_bytes(333, rng);
  const base::ConstByteSpan all(bytes);
  for (std::size_t cut = 0; cut <= all.size(); cut += 2) {
    ASSERT_EQ(checksum_add(all.subspan(cut), checksum_add(all.first(cut), 0)), checksum_add(all, 0)) << cut;
  }
  EXPECT_EQ(checksum_finish(0x0001FFFF), 0xFFFE);
}

TEST(Checksum, UpdatedEqualsRecomputed) {
  base::Rng rng(2);
  for (int run = 0; run < 100'000; ++run) {
    const bool is_extreme = run % 2 == 0;
    Bytes bytes(8);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(is_extreme ? rng.below(2) * 255 : rng());
    bytes[0] |= 1;  // a sum of zero has two forms; no packet has it
    const std::uint16_t before = static_cast<std::uint16_t>(bytes[4] << 8U | bytes[5]);
    const std::uint16_t checksum = packets::reference_checksum(bytes);
    bytes[4] = static_cast<std::uint8_t>(is_extreme ? rng.below(2) * 255 : rng());
    bytes[5] = static_cast<std::uint8_t>(is_extreme ? rng.below(2) * 255 : rng());
    const std::uint16_t after = static_cast<std::uint16_t>(bytes[4] << 8U | bytes[5]);
    ASSERT_EQ(checksum_update(checksum, before, after), packets::reference_checksum(bytes));
  }
}

TEST(Checksum, OfThePseudoHeaderIsThatOfItsBytes) {
  const auto source = base::IpAddress::v4({192, 0, 2, 1});
  const auto destination = base::IpAddress::v4({198, 51, 100, 2});
  const Bytes header = {192, 0, 2, 1, 198, 51, 100, 2, 0, 17, 0xFE, 0xDC};
  EXPECT_EQ(checksum_finish(pseudo_header_sum(source, destination, 17, 0xFEDC)),
            packets::reference_checksum(header));
}

}  // namespace
}  // namespace sennit::wire
