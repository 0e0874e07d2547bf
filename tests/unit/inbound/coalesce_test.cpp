#include <functional>

#include "unit/inbound/coalesce_batch.hpp"

namespace sennit::inbound {
namespace {

TEST(Coalescer, JoinsARunOfEachKindAndCutsBackToTheSameBytes) {
  for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    Batch batch;
    std::vector<Bytes> added;
    for (std::size_t i = 0; i < 10; ++i) added.push_back(packet(at(look, i), i == 9 ? 33 : kSegment));
    for (const Bytes& each : added) batch.add(each);
    const auto items = batch.finish();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].offload, reference::offload_of(look, kSegment));
    EXPECT_EQ(property::split(property::whole(items[0]), items[0].offload), added);
  }
}

TEST(Coalescer, WritesTheHeadersThatTheKernelWants) {
  for (Look look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    Batch batch;
    batch.add(packet(look));
    look.flags |= reference::kPsh;
    batch.add(packet(at(look, 1)));
    Bytes wanted = packet(look, 2 * kSegment);
    reference::leave_checksum_open(wanted, reference::offload_of(look, kSegment), look.transport);
    EXPECT_EQ(property::whole(batch.finish().at(0)), wanted);
  }
}

TEST(Coalescer, DeliversALonePacketUnchangedEvenWithAWrongChecksum) {
  for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    Batch batch;
    Bytes lone = packet(look);
    lone.back() ^= 1;
    batch.add(lone);
    const auto items = batch.finish();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(property::whole(items[0]), lone);
    EXPECT_EQ(items[0].offload, Offload{});
  }
}

struct Break {
  const char* what;
  std::function<void(Look&)> change;
  std::vector<Look> of = {kTcp4, kTcp6, kUdp4, kUdp6};
};

TEST(Coalescer, DoesNotJoinAcrossAnyDifferenceThatCuttingWouldLose) {
  const std::vector<Look> tcp = {kTcp4, kTcp6};
  const std::vector<Look> v4 = {kTcp4, kUdp4};
  const std::vector<Look> v6 = {kTcp6, kUdp6};
  const Break table[] = {
      {"traffic class", [](Look& look) { look.traffic_class ^= 0x20U; }},
      {"ECN mark", [](Look& look) { look.traffic_class ^= 3U; }},
      {"hop limit", [](Look& look) { --look.hop_limit; }},
      {"DF", [](Look& look) { look.fragmentation ^= 0x4000U; }, v4},
      {"reserved IPv4 flag", [](Look& look) { look.fragmentation ^= 0x8000U; }, v4},
      {"id", [](Look& look) { ++look.id; }, v4},
      {"id that stays", [](Look& look) { --look.id; }, v4},
      {"IPv4 options",
       [](Look& look) {
         look.between = {1, 1, 1, 1};
       },
       v4},
      {"flow label", [](Look& look) { look.flow_label ^= 1U; }, v6},
      {"extension header", [](Look& look) { look.between = {1, 4, 0, 0, 0, 0}; }, v6},
      {"sequence ahead", [](Look& look) { ++look.sequence; }, tcp},
      {"sequence behind", [](Look& look) { --look.sequence; }, tcp},
      {"acknowledgment", [](Look& look) { ++look.acknowledgment; }, tcp},
      {"window", [](Look& look) { ++look.window; }, tcp},
      {"urgent pointer", [](Look& look) { ++look.urgent; }, tcp},
      {"reserved TCP bits", [](Look& look) { look.reserved ^= 1U; }, tcp},
      {"timestamp", [](Look& look) { look.tcp_options.back() ^= 1U; }, tcp},
      {"no options", [](Look& look) { look.tcp_options.clear(); }, tcp},
      {"FIN", [](Look& look) { look.flags |= reference::kFin; }, tcp},
      {"SYN", [](Look& look) { look.flags |= reference::kSyn; }, tcp},
      {"RST", [](Look& look) { look.flags |= 4U; }, tcp},
      {"URG", [](Look& look) { look.flags |= reference::kUrg; }, tcp},
      {"ECE", [](Look& look) { look.flags |= reference::kEce; }, tcp},
      {"CWR", [](Look& look) { look.flags |= reference::kCwr; }, tcp},
      {"no ACK", [](Look& look) { look.flags = 0; }, tcp},
  };
  for (const Break& each : table) {
    for (const Look& look : each.of) {
      Batch batch;
      Look changed = at(look, 1);
      each.change(changed);
      batch.add(packet(look));
      batch.add(packet(changed));
      EXPECT_EQ(batch.counts(), (Counts{1, 1})) << each.what;
    }
  }
}

TEST(Coalescer, JoinsSegmentsThatAllCarryEce) {
  Look look = kTcp4;
  look.flags |= reference::kEce;
  Batch batch;
  batch.add(packet(look));
  batch.add(packet(at(look, 1)));
  EXPECT_EQ(batch.counts(), Counts{2});
}

TEST(Coalescer, LetsIdAndSequenceWrapAround) {
  Look look = kTcp4;
  look.id = 0xFFFF;
  look.sequence = 0xFFFF'FFF0;
  Batch batch;
  for (std::size_t i = 0; i < 3; ++i) batch.add(packet(at(look, i)));
  EXPECT_EQ(batch.counts(), Counts{3});
}

TEST(Coalescer, EndsARunWithPushAndBeginsTheNextBehindIt) {
  Batch batch;
  for (std::size_t i = 0; i < 5; ++i) {
    Look look = at(kTcp4, i);
    if (i == 1) look.flags |= reference::kPsh;
    batch.add(packet(look));
  }
  EXPECT_EQ(batch.counts(), (Counts{2, 3}));
}

TEST(Coalescer, EndsARunWithAShorterPacketAndNeverJoinsALongerOne) {
  for (const Look& look : {kTcp4, kUdp4}) {
    Batch batch;
    batch.add(packet(look, 50));
    batch.add(packet(at(look, 1, 50), kSegment));
    batch.add(packet(at(look, 2, 75), 40));
    batch.add(packet(at(look, 3, 190 / 3), 40));
    EXPECT_EQ(batch.counts(), (Counts{1, 2, 1}));
  }
}

TEST(Coalescer, KeepsToSixtyFourSegmentsAndTheLargestIpPacket) {
  for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    Batch batch;
    for (std::size_t i = 0; i < 65; ++i) batch.add(packet(at(look, i, 10), 10));
    EXPECT_EQ(batch.counts(), (Counts{64, 1}));
    batch.clear();
    for (std::size_t i = 0; i < 8; ++i) batch.add(packet(at(look, i, 9000), 9000));
    const auto items = batch.finish();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].more.size(), 6U);
    EXPECT_EQ(items[1].more.size(), 0U);
  }
}

TEST(Coalescer, DeliversAPacketWithAWrongChecksumAloneAndClosesTheRun) {
  for (const Look& look : {kTcp4, kTcp6, kUdp4, kUdp6}) {
    for (std::size_t wrong = 0; wrong < 4; ++wrong) {
      Batch batch;
      for (std::size_t i = 0; i < 4; ++i) {
        Bytes each = packet(at(look, i));
        if (i == wrong) each.back() ^= 1;
        batch.add(each);
      }
      const Counts wanted[] = {{1, 3}, {1, 1, 2}, {2, 1, 1}, {3, 1}};
      EXPECT_EQ(batch.counts(), wanted[wrong]);
    }
  }
}

TEST(Coalescer, DeliversAWrongIpv4HeaderAlone) {
  Batch batch;
  batch.add(packet(kTcp4));
  Bytes wrong = packet(at(kTcp4, 1));
  wrong.at(10) ^= 1;
  batch.add(wrong);
  EXPECT_EQ(batch.counts(), (Counts{1, 1}));
}

TEST(Coalescer, DoesNotJoinAChecksumThatLinuxWouldWriteInItsOtherForm) {
  const Bytes before = reference::packet_of(kTcp4, Bytes(2));
  const Bytes payload = {before.at(36), before.at(37)};
  Bytes zero = reference::packet_of(kTcp4, payload);
  ASSERT_EQ(reference::get_u16(zero, 36), 0U);
  for (const unsigned form : {0U, 0xFFFFU}) {
    reference::put_u16(zero, 36, form);
    Batch batch;
    batch.add(zero);
    batch.add(packet(at(kTcp4, 1, 2), 1));
    EXPECT_EQ(batch.counts(), form == 0 ? Counts{2} : (Counts{1, 1})) << form;
  }
}

TEST(Coalescer, DoesNotJoinAnIpv4ChecksumInItsOtherFormEither) {
  Look look = kUdp4;
  look.id = 0;
  const Bytes before = packet(look);
  look.id = reference::get_u16(before, 10);
  Bytes zero = packet(look);
  ASSERT_EQ(reference::get_u16(zero, 10), 0U);
  for (const unsigned form : {0U, 0xFFFFU}) {
    reference::put_u16(zero, 10, form);
    Batch batch;
    batch.add(zero);
    batch.add(packet(at(look, 1)));
    EXPECT_EQ(batch.counts(), form == 0 ? Counts{2} : (Counts{1, 1})) << form;
  }
}

TEST(Coalescer, DoesNotJoinUdpWithoutAChecksum) {
  const Bytes before = reference::packet_of(at(kUdp4, 1), Bytes(2));
  const Bytes payload = {before.at(26), before.at(27)};
  Bytes other = reference::packet_of(at(kUdp4, 1), payload);
  ASSERT_EQ(reference::get_u16(other, 26), 0xFFFFU);
  reference::put_u16(other, 26, 0);  // which adds up as well
  Batch batch;
  batch.add(packet(kUdp4));
  batch.add(other);
  EXPECT_EQ(batch.counts(), (Counts{1, 1}));
}

TEST(Coalescer, DoesNotJoinUdpOfAnotherLengthThanThatOfIp) {
  Batch batch;
  batch.add(packet(kUdp4));
  Bytes other = packet(at(kUdp4, 1));
  reference::put_u16(other, 24, reference::get_u16(other, 24) - 8);
  reference::put_u16(other, 28, reference::get_u16(other, 28) + 8);  // the checksum stays right
  batch.add(other);
  EXPECT_EQ(batch.counts(), (Counts{1, 1}));
}

TEST(Coalescer, FillsAnIpPacketToTheLastByte) {
  constexpr std::size_t kEighth = 8188;
  for (const std::size_t last : {3U, 4U}) {
    Batch batch;
    for (std::size_t i = 0; i < 8; ++i) batch.add(packet(at(kUdp4, i), kEighth));
    batch.add(packet(at(kUdp4, 8), last));
    EXPECT_EQ(batch.counts(), last == 3 ? Counts{9} : (Counts{8, 1}));  // 65535 bytes, or one more
  }
}

TEST(Coalescer, JoinsInterleavedFlowsEachForItself) {
  Batch batch;
  const auto look_of = [](std::size_t flow, std::size_t i) {
    Look look = at(flow % 2 == 0 ? kTcp4 : kUdp6, i);
    look.source_port = static_cast<unsigned>(1000 + flow);
    return look;
  };
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t flow = 0; flow < 8; ++flow) batch.add(packet(look_of(flow, i)));
  }
  EXPECT_EQ(batch.counts(), Counts(8, 5));
}

TEST(Coalescer, ClosesTheOldestFlowForANinth) {
  Batch batch;
  const auto look_of = [](unsigned flow, std::size_t i) {
    Look look = at(kTcp4, i);
    look.source_port = 1000 + flow;
    return look;
  };
  for (unsigned flow = 0; flow < 9; ++flow) batch.add(packet(look_of(flow, 0)));
  batch.add(packet(look_of(1, 1)));
  batch.add(packet(look_of(0, 1)));
  EXPECT_EQ(batch.counts(), (Counts{1, 2, 1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(Coalescer, LetsNothingOfAFlowBeOvertaken) {
  Look retransmitted_end = at(kTcp4, 20);
  retransmitted_end.flags |= reference::kPsh;
  Look fragment = kTcp4;
  fragment.fragmentation = 0x2000;
  Look later_fragment = kTcp4;
  later_fragment.fragmentation = 0x0003;
  const Bytes behind[] = {packet(at(kTcp4, 2), 0), packet(at(kTcp4, 20)), packet(retransmitted_end),
                          packet(fragment), packet(later_fragment)};
  for (const Bytes& barrier : behind) {
    Batch batch;
    batch.add(packet(kTcp4));
    batch.add(packet(at(kTcp4, 1)));
    batch.add(barrier);
    batch.add(packet(at(kTcp4, 2)));
    batch.add(packet(at(kTcp4, 3)));
    EXPECT_EQ(batch.counts(), (Counts{2, 1, 2}));
  }
}

TEST(Coalescer, LetsPacketsOfOtherFlowsPass) {
  Look stranger = kTcp4;
  stranger.host = 9;
  stranger.fragmentation = 0x0003;
  Batch batch;
  batch.add(packet(kTcp4));
  batch.add(packet(stranger));
  batch.add(packet(kUdp4, 0));
  batch.add(packet(at(kTcp4, 1)));
  EXPECT_EQ(batch.counts(), (Counts{2, 1, 1}));
}

TEST(Coalescer, LeavesAloneWhatTheDeviceDoesNotTake) {
  const std::pair<Coalescing, Counts> table[] = {
      {Coalescing::kOff, {1, 1, 1, 1}}, {Coalescing::kTcp, {2, 1, 1}}, {Coalescing::kTcpAndUdp, {2, 2}}};
  for (const auto& [what, wanted] : table) {
    Batch batch(what);
    for (std::size_t i = 0; i < 2; ++i) batch.add(packet(at(kTcp4, i)));
    for (std::size_t i = 0; i < 2; ++i) batch.add(packet(at(kUdp4, i)));
    EXPECT_EQ(batch.counts(), wanted);
  }
}

TEST(Coalescer, StartsAfreshAfterClear) {
  Batch batch;
  for (std::size_t i = 0; i < 2; ++i) batch.add(packet(at(kTcp4, i)));
  EXPECT_EQ(batch.counts(), Counts{2});
  batch.clear();
  EXPECT_EQ(batch.counts(), Counts{});
  for (std::size_t i = 2; i < 5; ++i) batch.add(packet(at(kTcp4, i)));
  EXPECT_EQ(batch.counts(), Counts{3});
}

}  // namespace
}  // namespace sennit::inbound
