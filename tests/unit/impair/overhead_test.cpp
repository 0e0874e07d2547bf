#include "impair/overhead.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sennit::impair {
namespace {

Overhead named(std::string_view name) {
  const auto all = named_overheads();
  return std::ranges::find(all, name, &NamedOverhead::name)->overhead;
}

TEST(Overhead, OfEveryLineIsWhatItsStandardSays) {
  struct Case {
    const char* name;
    std::uint32_t size;
    std::uint32_t on_wire;
  };
  // 100 bytes over PPPoE on ATM: 132 or 140 bytes, three cells of 53.
  const Case cases[] = {{"none", 1500, 1500},       {"none", 0, 1},
                        {"ethernet", 1500, 1538},   {"ethernet", 20, 84},
                        {"docsis", 1500, 1518},     {"docsis", 40, 64},
                        {"pppoe-vc", 100, 159},     {"pppoe-llc", 100, 159},
                        {"pppoa-vc", 38, 53},       {"pppoa-vc", 39, 106},
                        {"pppoa-llc", 1500, 1696},  {"pppoe-llc", 1500, 1749},
                        {"ipoa-vc", 40, 53},        {"ipoa-llc", 40, 106},
                        {"bridged-vc", 1500, 1696}, {"bridged-llc", 16, 53},
                        {"ptm", 1258, 1300},        {"pppoe-ptm", 1500, 1554},
                        {"conservative", 48, 106}};
  for (const auto& [name, size, on_wire] : cases)
    EXPECT_EQ(named(name).on_wire(size), on_wire) << name << " " << size;
}

TEST(Overhead, MayTakeAwayButLeavesAByte) {
  EXPECT_EQ((Overhead{-14, 0, Framing::kPlain}.on_wire(100)), 86U);
  EXPECT_EQ((Overhead{-14, 0, Framing::kPlain}.on_wire(10)), 1U);
}

}  // namespace
}  // namespace sennit::impair
