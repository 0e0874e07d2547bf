#include "impair/damage.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "unit/impair/statistics.hpp"

namespace sennit::impair {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kHeaders = 40;

Bytes damaged(std::uint64_t seed, const DamageMode& mode, std::size_t size) {
  Bytes packet(size);
  apply({seed, mode}, packet, kHeaders);
  return packet;
}

std::size_t bits(const Bytes& packet) {
  std::size_t count = 0;
  for (const auto byte : packet) count += static_cast<std::size_t>(std::popcount(byte));
  return count;
}

TEST(Damage, FlipsAsManyBitsAsAskedFor) {
  for (const std::uint16_t count : std::initializer_list<std::uint16_t>{1, 3, 64}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      EXPECT_EQ(bits(damaged(seed, {.count = count}, 100)), count);
    }
  }
}

TEST(Damage, ChangesAsManyBytesAsAskedFor) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto packet = damaged(seed, {.unit = DamageUnit::kBytes, .count = 5}, 100);
    EXPECT_EQ(std::ranges::count_if(packet, [](auto byte) { return byte != 0; }), 5);
  }
}

TEST(Damage, StaysInItsRegion) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto in_headers = damaged(seed, {.count = 4, .region = DamageRegion::kHeaders}, 100);
    const auto in_payload = damaged(seed, {.count = 4, .region = DamageRegion::kPayload}, 100);
    EXPECT_EQ(bits(Bytes(in_headers.begin() + kHeaders, in_headers.end())), 0U);
    EXPECT_EQ(bits(Bytes(in_payload.begin(), in_payload.begin() + kHeaders)), 0U);
    EXPECT_EQ(bits(in_payload), 4U);
  }
}

TEST(Damage, TakesWhatThereIsWhereTheRegionIsSmaller) {
  EXPECT_EQ(bits(damaged(1, {.count = 100}, 2)), 16U);
  EXPECT_EQ(bits(damaged(1, {.count = 1, .region = DamageRegion::kPayload}, kHeaders)), 0U);
  EXPECT_EQ(bits(damaged(1, {.count = 8, .region = DamageRegion::kHeaders}, 1)), 8U);
  EXPECT_TRUE(damaged(1, {.count = 1}, 0).empty());
}

TEST(Damage, AppliedTwiceIsNone) {
  const Damage damage{99, {.unit = DamageUnit::kBytes, .count = 7}};
  Bytes packet(60, 0x5A);
  apply(damage, packet, kHeaders);
  EXPECT_NE(packet, Bytes(60, 0x5A));
  apply(damage, packet, kHeaders);
  EXPECT_EQ(packet, Bytes(60, 0x5A));
}

TEST(Damage, HitsEveryBitEquallyOften) {
  std::vector<Category> places(160, {0, 200});
  for (std::uint64_t seed = 0; seed < 32'000; ++seed) {
    const auto packet = damaged(seed, {.count = 1}, 20);
    for (std::size_t bit = 0; bit < places.size(); ++bit)
      places[bit].seen += packet[bit / 8] >> (bit % 8) & 1;
  }
  EXPECT_LT(chi_square(places), chi_square_limit(159));
}

}  // namespace
}  // namespace sennit::impair
