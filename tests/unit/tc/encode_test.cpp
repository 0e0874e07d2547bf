#include "server/tc/encode.hpp"

#include <gtest/gtest.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <set>

namespace sennit::server::tc {
namespace {

constexpr io::InterfaceIndex kInterface{3};

nlattr* options_of(const io::NetlinkMessage& message) {
  return nlmsg_find_attr(nlmsg_hdr(message.get()), sizeof(tcmsg), TCA_OPTIONS);
}

// The attribute of this type among a leaf's options, which stand behind `skip` bytes.
nlattr* option(const io::NetlinkMessage& message, int type, int skip) {
  nlattr* options = options_of(message);
  if (options == nullptr) return nullptr;
  auto* first = reinterpret_cast<nlattr*>(static_cast<char*>(nla_data(options)) + skip);
  return nla_find(first, nla_len(options) - skip, type);
}

template <class Structure>
Structure structure(nlattr* attribute) {
  Structure value{};
  if (attribute == nullptr || nla_len(attribute) != static_cast<int>(sizeof(value))) {
    ADD_FAILURE() << "the attribute is missing or of another size";
    return value;
  }
  std::memcpy(&value, nla_data(attribute), sizeof(value));
  return value;
}

template <class Structure>
Structure netem_option(const io::NetlinkMessage& message, int type) {
  return structure<Structure>(option(message, type, sizeof(tc_netem_qopt)));
}

TEST(Encode, AClassHasItsRateItsBurstInTicksAndNoOtherCeiling) {
  const auto message = set_class(kInterface, ClassId{2}, {.rate = {8'000'000}, .burst = {4000}});
  const auto* header = io::header_of<tcmsg>(nlmsg_hdr(message.get()));
  EXPECT_EQ(header->tcm_handle, 0x5e770002U);
  EXPECT_EQ(header->tcm_parent, 0x5e770000U);
  const auto parameters = structure<tc_htb_opt>(option(message, TCA_HTB_PARMS, 0));
  EXPECT_EQ(parameters.rate.rate, 1'000'000U);
  EXPECT_EQ(parameters.ceil.rate, 1'000'000U);
  EXPECT_EQ(parameters.buffer, 4'000'000U / 64);
  EXPECT_EQ(option(message, TCA_HTB_RATE64, 0), nullptr);
}

TEST(Encode, RatesAbove34GigabitHaveTheir64BitAttributes) {
  const auto message = set_class(kInterface, ClassId{2}, {.rate = {40'000'000'000}, .burst = {1'000'000}});
  EXPECT_EQ(structure<std::uint64_t>(option(message, TCA_HTB_RATE64, 0)), 5'000'000'000U);
  EXPECT_EQ(structure<std::uint64_t>(option(message, TCA_HTB_CEIL64, 0)), 5'000'000'000U);
}

TEST(Encode, NetemHasEveryAttributeThatTheKernelWouldKeep) {
  const auto message = set_leaf(kInterface, ClassId{2}, Netem{.delay = std::chrono::milliseconds(1)});
  EXPECT_EQ(netem_option<tc_netem_corrupt>(message, TCA_NETEM_CORRUPT).probability, 0U);
  EXPECT_EQ(netem_option<tc_netem_reorder>(message, TCA_NETEM_REORDER).probability, 0U);
  EXPECT_EQ(netem_option<tc_netem_rate>(message, TCA_NETEM_RATE).rate, 0U);
  EXPECT_EQ(netem_option<std::uint32_t>(message, TCA_NETEM_ECN), 0U);
  EXPECT_EQ(netem_option<tc_netem_slot>(message, TCA_NETEM_SLOT).max_delay, 0);
  EXPECT_EQ(netem_option<tc_netem_corr>(message, TCA_NETEM_CORR).loss_corr, 0U);
}

TEST(Encode, DelaysOfAnHourGoThroughTheir64BitAttributes) {
  const auto message = set_leaf(kInterface, ClassId{2}, Netem{.delay = std::chrono::hours(1)});
  EXPECT_EQ(netem_option<std::uint64_t>(message, TCA_NETEM_LATENCY64), 3'600'000'000'000U);
}

TEST(Encode, SharesAreOfTwoToThe32MinusOne) {
  const auto message =
      set_leaf(kInterface, ClassId{2}, Netem{.loss = impair::Probability{1}, .duplicate = {0.5}});
  tc_netem_qopt fixed{};
  std::memcpy(&fixed, nla_data(options_of(message)), sizeof(fixed));
  EXPECT_EQ(fixed.loss, UINT32_MAX);
  EXPECT_EQ(fixed.duplicate, 0x80000000U);
}

TEST(Encode, GilbertElliottTellsTheKernelWhatIsKeptInTheBadState) {
  const impair::GilbertElliott model{{0.25}, {0.5}, {1}, {0}};
  const auto message = set_leaf(kInterface, ClassId{2}, Netem{.loss = model});
  nlattr* loss = option(message, TCA_NETEM_LOSS, sizeof(tc_netem_qopt));
  ASSERT_NE(loss, nullptr);
  const auto told = structure<tc_netem_gemodel>(static_cast<nlattr*>(nla_data(loss)));
  EXPECT_EQ(told.p, 0x40000000U);
  EXPECT_EQ(told.r, 0x80000000U);
  EXPECT_EQ(told.h, 0U);
  EXPECT_EQ(told.k1, 0U);
}

TEST(Encode, AQueueInsideNetemHangsBelowTheLeafUnderANumberOfItsOwn) {
  const auto bytes = set_inner_queue(kInterface, ClassId{2}, ByteFifo{{31'250}});
  const auto* header = io::header_of<tcmsg>(nlmsg_hdr(bytes.get()));
  EXPECT_EQ(header->tcm_parent, 0x00020001U);
  EXPECT_EQ(header->tcm_handle, 0x80020000U);
  EXPECT_STREQ(nla_get_string(nlmsg_find_attr(nlmsg_hdr(bytes.get()), sizeof(tcmsg), TCA_KIND)), "bfifo");
  EXPECT_EQ(structure<tc_fifo_qopt>(options_of(bytes)).limit, 31'250U);
  const auto packets = set_inner_queue(kInterface, ClassId{kLastClass}, PacketFifo{{20}});
  EXPECT_EQ(io::header_of<tcmsg>(nlmsg_hdr(packets.get()))->tcm_handle, 0xfffe0000U);
  EXPECT_STREQ(nla_get_string(nlmsg_find_attr(nlmsg_hdr(packets.get()), sizeof(tcmsg), TCA_KIND)), "pfifo");
  EXPECT_EQ(structure<tc_fifo_qopt>(options_of(packets)).limit, 20U);
}

TEST(Encode, TheLargestTableFitsItsMessage) {
  const auto message =
      set_leaf(kInterface, ClassId{2},
               Netem{.jitter = std::chrono::milliseconds(1), .table = std::vector<std::int16_t>(16384, 1)});
  EXPECT_EQ(nla_len(option(message, TCA_NETEM_DELAY_DIST, sizeof(tc_netem_qopt))), 32768);
}

}  // namespace
}  // namespace sennit::server::tc
