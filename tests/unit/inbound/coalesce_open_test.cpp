// Packets whose checksums the other end's kernel left open.
#include "unit/inbound/coalesce_batch.hpp"

namespace sennit::inbound {
namespace {

// The same as the kernel hands it over.
Bytes open_packet(const Look& look, std::size_t payload = kSegment) {
  Bytes open = packet(look, payload);
  reference::leave_checksum_open(open, reference::offload_of(look, 0), look.transport);
  return open;
}

std::size_t transport_checksum_of(const Look& look) {
  const Offload offload = reference::offload_of(look, 0);
  return std::size_t{offload.checksum_start} + offload.checksum_offset;
}

Offload nothing_but_the_checksum(const Look& look) {
  Offload offload = reference::offload_of(look, 0);
  offload.segmentation = Segmentation::kNone;
  return offload;
}

TEST(Coalescer, JoinsOpenChecksumsAndCompleteOnesIntoTheSameSuperpacket) {
  for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    Batch batch;
    std::vector<Bytes> added;
    for (std::size_t i = 0; i < 9; ++i) {
      added.push_back(packet(at(look, i)));
      if (i % 3 == 1) {
        batch.add(added.back());
      } else {
        batch.add(open_packet(at(look, i)), Checksum::kOpen);
      }
    }
    const auto items = batch.finish();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].offload, reference::offload_of(look, kSegment));
    EXPECT_EQ(property::split(property::whole(items[0]), items[0].offload), added);
  }
}

TEST(Coalescer, HandsOverALoneOpenChecksumAsItCame) {
  for (const Coalescing what : {Coalescing::kTcp, Coalescing::kTcpAndUdp}) {
    for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
      for (const std::size_t payload : {0U, 1U, 100U}) {
        Batch batch(what);
        const Bytes lone = open_packet(look, payload);
        batch.add(lone, Checksum::kOpen);
        const auto items = batch.finish();
        ASSERT_EQ(items.size(), 1U);
        EXPECT_EQ(property::whole(items[0]), lone);
        EXPECT_EQ(items[0].offload, nothing_but_the_checksum(look));
      }
    }
  }
}

TEST(Coalescer, CompletesOpenChecksumsForADeviceWithoutOffload) {
  for (Look look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    for (const std::size_t payload : {0U, 1U, 100U}) {
      Batch batch(Coalescing::kOff);
      batch.add(open_packet(look, payload), Checksum::kOpen);
      const auto items = batch.finish();
      ASSERT_EQ(items.size(), 1U);
      EXPECT_EQ(property::whole(items[0]), packet(look, payload));
      EXPECT_EQ(items[0].offload, Offload{});
    }
  }
}

TEST(Coalescer, LeavesAnOpenChecksumBehindOptionsOpen) {
  Look options = kTcp4;
  options.between = {1, 1, 1, 1};
  Look extension = kUdp6;
  extension.between = {1, 4, 0, 0, 0, 0};
  Look synchronise = kTcp4;
  synchronise.flags = reference::kSyn;
  for (const Look& look : {options, extension, synchronise}) {
    Batch batch;
    batch.add(open_packet(look), Checksum::kOpen);
    EXPECT_EQ(batch.finish().at(0).offload, nothing_but_the_checksum(look));
  }
}

TEST(Coalescer, DoesNotJoinAnOpenChecksumThatIsNotThePseudoHeaders) {
  for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    const auto field = transport_checksum_of(look);
    for (std::size_t wrong = 0; wrong < 3; ++wrong) {
      Batch batch;
      for (std::size_t i = 0; i < 3; ++i) {
        Bytes each = open_packet(at(look, i));
        if (i == wrong) each.at(field) ^= 1;
        batch.add(each, Checksum::kOpen);
      }
      const Counts wanted[] = {{1, 2}, {1, 1, 1}, {2, 1}};
      EXPECT_EQ(batch.counts(), wanted[wrong]);
    }
  }
}

}  // namespace
}  // namespace sennit::inbound
