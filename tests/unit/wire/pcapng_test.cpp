#include "wire/pcapng.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace sennit::wire {
namespace {

std::uint32_t word_at(const std::string& file, std::size_t offset) {
  std::uint32_t word = 0;
  std::memcpy(&word, file.data() + offset, sizeof word);
  return word;
}

// The types of the blocks of a file whose lengths agree at both ends; empty where they do not.
std::vector<std::uint32_t> blocks_of(const std::string& file) {
  std::vector<std::uint32_t> types;
  for (std::size_t offset = 0; offset < file.size();) {
    const auto length = word_at(file, offset + 4);
    if (length % 4 != 0 || offset + length > file.size()) return {};
    if (word_at(file, offset + length - 4) != length) return {};
    types.push_back(word_at(file, offset));
    offset += length;
  }
  return types;
}

TEST(Pcapng, IsASectionThenInterfacesThenPackets) {
  std::string file;
  append_pcapng_section(file, "sennit");
  append_pcapng_interface(file, "before");
  append_pcapng_interface(file, "after");
  append_pcapng_packet(file, 1, base::WallTime{}, CaptureFlag::kInbound, std::array<std::uint8_t, 21>{});
  EXPECT_EQ(blocks_of(file), (std::vector<std::uint32_t>{0x0A0D0D0A, 1, 1, 6}));
  EXPECT_EQ(word_at(file, 8), 0x1A2B3C4DU);
}

TEST(Pcapng, WritesAPacketWithTimeSizeAndDirection) {
  const std::array<std::uint8_t, 5> packet{1, 2, 3, 4, 5};
  std::string file;
  append_pcapng_packet(file, 2, base::WallTime(std::chrono::nanoseconds(0x1122334455667788)),
                       CaptureFlag::kOutbound, packet);
  EXPECT_EQ(word_at(file, 8), 2U);
  EXPECT_EQ(word_at(file, 12), 0x11223344U);
  EXPECT_EQ(word_at(file, 16), 0x55667788U);
  EXPECT_EQ(word_at(file, 20), 5U);
  EXPECT_EQ(word_at(file, 24), 5U);
  EXPECT_EQ(file.substr(28, 8), std::string("\1\2\3\4\5\0\0\0", 8));
  EXPECT_EQ(word_at(file, 36), 0x00040002U);
  EXPECT_EQ(word_at(file, 40), 2U);
}

}  // namespace
}  // namespace sennit::wire
