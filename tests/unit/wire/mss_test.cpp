#include "wire/mss.hpp"

#include <gtest/gtest.h>

#include "unit/wire/packets.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;
using packets::kAck;
using packets::kSyn;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kDestination = 60;

// An MSS option of 1460 bytes after `lead`, then `tail`.
Bytes options_with_mss(const Bytes& lead, const Bytes& tail = {}) {
  Bytes options = lead;
  options.insert(options.end(), {2, 4, 0x05, 0xB4});
  options.insert(options.end(), tail.begin(), tail.end());
  return options;
}

Bytes v4_packet(std::uint8_t flags, const Bytes& options, const Bytes& data = {}) {
  Bytes packet = packets::ipv4(kTcp, packets::tcp(flags, options, data));
  packets::fill_tcp_checksum(packet, 20);
  return packet;
}

Bytes v6_packet(std::uint8_t flags, const Bytes& options) {
  Bytes packet = packets::ipv6(kTcp, packets::tcp(flags, options));
  packets::fill_tcp_checksum(packet, 40);
  return packet;
}

// The packet after the clamp.
Bytes clamped(Bytes packet, unsigned mtu, base::Checksum checksum = base::Checksum::kComplete) {
  const auto ip = IpPacket::parse(packet);
  EXPECT_TRUE(ip);
  clamp_mss({packet, checksum}, *ip, InnerMtu{static_cast<std::uint16_t>(mtu)});
  return packet;
}

unsigned word_at(const Bytes& packet, std::size_t offset) {
  return packet.at(offset) * 256U + packet.at(offset + 1);
}

struct PlaceCase {
  const char* what;
  Bytes lead;
  Bytes tail;
};

// Where the option may stand: its value is at even and at odd offsets.
const PlaceCase kPlaces[] = {
    {"first", {}, {1, 3, 3, 7}},
    {"after one no-operation", {1}, {3, 3, 7}},
    {"after two", {1, 1}, {}},
    {"after a window scale", {3, 3, 7}, {1}},
    {"after SACK permitted", {4, 2}, {8, 10, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"after timestamps and one no-operation", {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1}, {}},
    {"last of forty bytes", Bytes(36, 1), {}},
};

TEST(MssClamp, LowersTheOptionWhereverItStands) {
  for (const PlaceCase& place : kPlaces) {
    for (const std::uint8_t flags : {kSyn, static_cast<std::uint8_t>(kSyn | kAck)}) {
      const Bytes options = options_with_mss(place.lead, place.tail);
      const Bytes v4 = clamped(v4_packet(flags, options), 1400);
      EXPECT_EQ(word_at(v4, 40 + place.lead.size() + 2), 1360U) << place.what;
      EXPECT_TRUE(packets::has_valid_checksum(v4, 20, kTcp)) << place.what;
      EXPECT_TRUE(packets::has_valid_ipv4_header(v4)) << place.what;
      const Bytes v6 = clamped(v6_packet(flags, options), 1400);
      EXPECT_EQ(word_at(v6, 60 + place.lead.size() + 2), 1340U) << place.what;
      EXPECT_TRUE(packets::has_valid_checksum(v6, 40, kTcp)) << place.what;
    }
  }
}

TEST(MssClamp, ChangesNothingButOptionAndChecksum) {
  const Bytes before = v4_packet(kSyn, options_with_mss({1}), {9, 9, 9});
  const Bytes after = clamped(before, 1400);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool may_change = i == 36 || i == 37 || i == 43 || i == 44;
    if (may_change) continue;
    EXPECT_EQ(after[i], before[i]) << i;
  }
  EXPECT_NE(after, before);
}

TEST(MssClamp, KeepsTheChecksumRightForEveryMtu) {
  for (unsigned mtu = 41; mtu <= 1600; ++mtu) {
    for (const Bytes& lead : {Bytes{}, Bytes{1}}) {
      const Bytes packet = clamped(v4_packet(kSyn, options_with_mss(lead)), mtu);
      EXPECT_EQ(word_at(packet, 42 + lead.size()), std::min(1460U, mtu - 40));
      EXPECT_TRUE(packets::has_valid_checksum(packet, 20, kTcp)) << mtu;
    }
  }
}

TEST(MssClamp, LowersEveryCopyOfTheOption) {
  const Bytes packet = clamped(v4_packet(kSyn, options_with_mss(options_with_mss({}))), 1400);
  EXPECT_EQ(word_at(packet, 42), 1360U);
  EXPECT_EQ(word_at(packet, 46), 1360U);
  EXPECT_TRUE(packets::has_valid_checksum(packet, 20, kTcp));
}

TEST(MssClamp, ReachesTcpBehindExtensionHeaders) {
  Bytes payload = {kTcp, 0, 1, 4, 0, 0, 0, 0};
  const Bytes segment = packets::tcp(kSyn, options_with_mss({}));
  payload.insert(payload.end(), segment.begin(), segment.end());
  Bytes packet = packets::ipv6(kDestination, payload);
  packets::fill_tcp_checksum(packet, 48);
  packet = clamped(packet, 1400);
  EXPECT_EQ(word_at(packet, 70), 1340U);
  EXPECT_TRUE(packets::has_valid_checksum(packet, 48, kTcp));
}

struct UntouchedCase {
  const char* what;
  Bytes packet;
  unsigned mtu;
};

Bytes with_byte(Bytes packet, std::size_t at, std::uint8_t value) {
  packet.at(at) = value;
  return packet;
}

TEST(MssClamp, LeavesOtherPacketsAlone) {
  const Bytes syn = v4_packet(kSyn, options_with_mss({}));
  const UntouchedCase cases[] = {
      {"not a SYN", v4_packet(kAck, options_with_mss({})), 1400},
      {"MSS that fits", syn, 1500},
      {"MSS lower already", v4_packet(kSyn, {2, 4, 0x02, 0x18}), 1400},
      {"no options", v4_packet(kSyn, {}), 1400},
      {"no MSS option", v4_packet(kSyn, {3, 3, 7, 1, 4, 2}), 1400},
      {"UDP", packets::ipv4(17, packets::tcp(kSyn, options_with_mss({}))), 1400},
      {"first fragment", with_byte(syn, 6, 0x20), 1400},
      {"later fragment", with_byte(syn, 7, 0x01), 1400},
      {"MTU without room for headers", syn, 40},
      {"MTU of zero", syn, 0},
      {"MSS after the end of options", v4_packet(kSyn, options_with_mss({0})), 1400},
      {"option without length", v4_packet(kSyn, {1, 1, 1, 2}), 1400},
      {"option of length zero", v4_packet(kSyn, options_with_mss({5, 0})), 1400},
      {"option of length one", v4_packet(kSyn, options_with_mss({5, 1})), 1400},
      {"option longer than the header", v4_packet(kSyn, options_with_mss({5, 40})), 1400},
      {"MSS option cut by the header's end", v4_packet(kSyn, {1, 2, 4, 0x05}), 1400},
      {"MSS option of length 3", v4_packet(kSyn, {2, 3, 0x05, 0}), 1400},
      {"data offset below five", with_byte(syn, 32, 0x40), 1400},
      {"data offset beyond the packet", with_byte(syn, 32, 0x70), 1400},
  };
  for (const UntouchedCase& c : cases) EXPECT_EQ(clamped(c.packet, c.mtu), c.packet) << c.what;
}

TEST(MssClamp, LeavesAnOpenChecksumAsItIs) {
  for (const PlaceCase& place : kPlaces) {
    const Bytes before = v4_packet(kSyn, options_with_mss(place.lead, place.tail));
    const Bytes after = clamped(before, 1400, base::Checksum::kOpen);
    Bytes complete = clamped(before, 1400);
    ASSERT_NE(complete, before) << place.what;
    std::copy_n(before.begin() + 36, 2, complete.begin() + 36);
    EXPECT_EQ(after, complete) << place.what;
  }
}

TEST(MssClamp, LeavesASynCutAtAnyLengthAlone) {
  const Bytes whole = v4_packet(kSyn, options_with_mss(Bytes(12, 1)));
  for (std::size_t size = 20; size < whole.size(); ++size) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    cut[3] = static_cast<std::uint8_t>(size);
    EXPECT_EQ(clamped(cut, 1400), cut) << size;
  }
}

}  // namespace
}  // namespace sennit::wire
