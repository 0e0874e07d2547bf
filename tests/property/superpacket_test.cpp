// Joined and cut again, every packet is what it was, byte for byte; and what Linux would cut, we cut alike.
// Half of SENNIT_PROPERTY_PACKETS (default 1,000,000) goes to each property; SENNIT_PROPERTY_SEED repeats a
// run. Some packets come with open checksums: they are compared as the last kernel completes them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "inbound/coalesce.hpp"
#include "property/cutting.hpp"
#include "property/random_flow.hpp"

namespace sennit::property {
namespace {

using inbound::Coalescer;
using inbound::Coalescing;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Superpackets : public testing::Test {
 protected:
  Superpackets() : rng_(setting("SENNIT_PROPERTY_SEED", 1)) {
    std::printf("SENNIT_PROPERTY_SEED=%llu\n",
                static_cast<unsigned long long>(setting("SENNIT_PROPERTY_SEED", 1)));
  }

  const std::uint64_t packets_wanted_ = setting("SENNIT_PROPERTY_PACKETS", 1'000'000) / 2;
  base::Rng rng_;
};

// Packets one behind the other, each of one flow.
class Packets {
 public:
  void clear() {
    bytes_.clear();
    ends_.clear();
    flows_.clear();
    checksums_.clear();
  }

  // What was appended to bytes() since the last call is a packet of `flow`.
  void close_packet(std::size_t flow, base::Checksum checksum = base::Checksum::kComplete) {
    ends_.push_back(bytes_.size());
    flows_.push_back(flow);
    checksums_.push_back(checksum);
  }
  // Leaves the last packet's checksum open, where it may be, now and then with a wrong field.
  void open_last(base::Rng& rng) {
    const base::ByteSpan packet = (*this)[count() - 1];
    const auto ip = *wire::IpPacket::parse(packet);
    const auto offload = wire::open_checksum(ip);
    if (!offload) return;
    reference::leave_checksum_open(packet, *offload, reference::Transport{ip.protocol});
    if (rng.below(100) == 0) packet[std::size_t{offload->checksum_start} + offload->checksum_offset] ^= 1U;
    checksums_.back() = base::Checksum::kOpen;
  }

  Bytes& bytes() { return bytes_; }
  std::size_t count() const { return ends_.size(); }
  std::size_t flow(std::size_t index) const { return flows_[index]; }
  base::Checksum checksum(std::size_t index) const { return checksums_[index]; }
  std::size_t begin(std::size_t index) const { return index == 0 ? 0 : ends_[index - 1]; }
  base::ByteSpan operator[](std::size_t index) {
    return base::ByteSpan(bytes_).subspan(begin(index), ends_[index] - begin(index));
  }
  base::ConstByteSpan operator[](std::size_t index) const {
    return base::ConstByteSpan(bytes_).subspan(begin(index), ends_[index] - begin(index));
  }
  // The packet in which `at` points.
  std::size_t index_of(const std::uint8_t* at) const {
    const auto offset = static_cast<std::size_t>(at - bytes_.data());
    return static_cast<std::size_t>(std::ranges::upper_bound(ends_, offset) - ends_.begin());
  }

 private:
  Bytes bytes_;
  std::vector<std::size_t> ends_;
  std::vector<std::size_t> flows_;
  std::vector<base::Checksum> checksums_;
};

void add_all(Packets& packets, Coalescer& coalescer) {
  for (std::size_t i = 0; i < packets.count(); ++i) {
    const auto ip = wire::IpPacket::parse(packets[i]);
    ASSERT_TRUE(ip && ip->total_length == packets[i].size());
    coalescer.add({packets[i], packets.checksum(i)}, *ip);
  }
}

// Walks through what went in, flow by flow, and compares.
class Comparison {
 public:
  explicit Comparison(const Packets& original, std::size_t flows) : original_(original), next_(flows, 0) {}

  // The next packet of `flow` must be this.
  void expect(std::size_t flow, const Bytes& packet) {
    std::size_t& next = next_[flow];
    while (next < original_.count() && original_.flow(next) != flow) ++next;
    ASSERT_LT(next, original_.count());
    const Bytes original =
        finished({Bytes(original_[next].begin(), original_[next].end()), original_.checksum(next)});
    ASSERT_EQ(original, packet) << "packet " << next << " of flow " << flow;
    ++next;
    ++compared_;
  }

  std::size_t compared() const { return compared_; }

 private:
  Packets original_;
  std::vector<std::size_t> next_;
  std::size_t compared_ = 0;
};

// Every item, cut by the splitter and by the reference, is what its flow's next packets were; items are in
// the order of their first packets. Returns how many packets were part of a superpacket.
std::size_t expect_same(std::span<const base::InboundPacket> items, const Packets& added,
                        Comparison& comparison) {
  std::size_t joined = 0;
  const std::uint8_t* last = nullptr;
  for (const base::InboundPacket& item : items) {
    EXPECT_LT(last, item.bytes.data());
    last = item.bytes.data();
    const Bytes all = whole(item);
    const bool is_alone = item.offload.segmentation == base::Segmentation::kNone;
    const auto packets = split(all, item.offload).value();
    EXPECT_EQ(packets.size(), item.more.size() + 1);
    EXPECT_EQ(packets, reference::cut(all, item.offload));
    const std::size_t flow = added.flow(added.index_of(item.bytes.data()));
    for (const Bytes& packet : packets) comparison.expect(flow, packet);
    if (!is_alone) joined += packets.size();
  }
  return joined;
}

std::vector<RandomFlow> random_flows(base::Rng& rng) {
  std::vector<RandomFlow> flows;
  const std::size_t count = 1 + rng.below(12);
  for (unsigned i = 0; i < count; ++i) flows.emplace_back(i, rng);
  return flows;
}

Coalescing random_coalescing(base::Rng& rng) {
  switch (rng.below(20)) {
    case 0: return Coalescing::kOff;
    case 1: return Coalescing::kTcp;
    default: return Coalescing::kTcpAndUdp;
  }
}

// Above which size checksums are left open.
std::size_t random_limit(base::Rng& rng) {
  switch (rng.below(4)) {
    case 0: return kNothingOpen;
    case 1: return 0;
    default: return rng.below(1500);
  }
}

TEST_F(Superpackets, OfRandomStreamsAreCutBackToWhatWasAdded) {
  std::uint64_t count = 0;
  std::uint64_t joined = 0;
  Packets packets;
  while (count < packets_wanted_) {
    std::vector<RandomFlow> flows = random_flows(rng_);
    Coalescer coalescer(random_coalescing(rng_));
    std::vector<bool> open_flows;
    for (std::size_t i = 0; i < flows.size(); ++i) open_flows.push_back(rng_.below(2) == 0);
    for (int batch = 0; batch < 3; ++batch) {
      packets.clear();
      std::size_t flow = 0;
      for (std::size_t left = rng_.below(300); left > 0; --left) {
        if (rng_.below(8) == 0) flow = rng_.below(flows.size());
        flows[flow].append_packet(packets.bytes());
        packets.close_packet(flow);
        if (open_flows[flow] && rng_.below(10) != 0) packets.open_last(rng_);
      }
      Comparison comparison(packets, flows.size());
      add_all(packets, coalescer);
      joined += expect_same(coalescer.finish(), packets, comparison);
      ASSERT_EQ(comparison.compared(), packets.count());
      ASSERT_FALSE(HasFailure()) << "after " << count << " packets";
      coalescer.clear();
      count += packets.count();
    }
  }
  std::printf("%llu packets, %llu joined\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(joined));
  EXPECT_GT(joined, count / 4) << "the streams are too wild to say much";
}

TEST_F(Superpackets, OfTheKernelAreTheSameCutAfterJoiningAndCuttingAgain) {
  std::uint64_t count = 0;
  std::uint64_t joined = 0;
  Packets packets;
  Bytes all;
  Coalescer coalescer(Coalescing::kTcpAndUdp);
  while (count < packets_wanted_) {
    std::vector<RandomFlow> flows = random_flows(rng_);
    packets.clear();
    for (int superpacket = 0; superpacket < 10; ++superpacket) {
      const std::size_t flow = rng_.below(flows.size());
      all.clear();
      const base::Offload offload = flows[flow].append_superpacket(all);
      const auto cut = split_open(all, offload, random_limit(rng_));
      ASSERT_TRUE(cut);
      ASSERT_EQ(finished(*cut), reference::cut(all, offload));
      for (const Piece& piece : *cut) {
        packets.bytes().insert(packets.bytes().end(), piece.bytes.begin(), piece.bytes.end());
        packets.close_packet(flow, piece.checksum);
      }
    }
    Comparison comparison(packets, flows.size());
    add_all(packets, coalescer);
    joined += expect_same(coalescer.finish(), packets, comparison);
    ASSERT_EQ(comparison.compared(), packets.count());
    ASSERT_FALSE(HasFailure()) << "after " << count << " packets";
    coalescer.clear();
    count += packets.count();
  }
  std::printf("%llu packets, %llu joined\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(joined));
  EXPECT_GT(joined, count / 2) << "what was one superpacket should mostly become one again";
}

}  // namespace
}  // namespace sennit::property
