#include "tunnel/allowed_ips.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.hpp"

namespace sennit::tunnel {
namespace {

base::Prefix prefix(const std::string& text) {
  return *base::Prefix::parse(text);
}
base::IpAddress address(const std::string& text) {
  return *base::IpAddress::parse(text);
}

TEST(AllowedIps, TheLongestPrefixWins) {
  AllowedIps table;
  table.add(prefix("0.0.0.0/0"), {0});
  table.add(prefix("10.77.0.0/24"), {1});
  table.add(prefix("10.77.0.2"), {2});
  table.add(prefix("2001:db8::/32"), {3});
  EXPECT_EQ(table.find(address("10.77.0.2")), base::PeerId{2});
  EXPECT_EQ(table.find(address("10.77.0.3")), base::PeerId{1});
  EXPECT_EQ(table.find(address("192.0.2.1")), base::PeerId{0});
  EXPECT_EQ(table.find(address("2001:db8::1")), base::PeerId{3});
  EXPECT_EQ(table.find(address("2001:db9::1")), std::nullopt);
}

TEST(AllowedIps, HostBitsOfAPrefixDoNotMatter) {
  AllowedIps table;
  table.add(prefix("10.77.0.1/24"), {1});
  EXPECT_EQ(table.find(address("10.77.0.200")), base::PeerId{1});
}

TEST(AllowedIps, AgreesWithALinearSearch) {
  base::Rng rng(1);
  AllowedIps table;
  std::vector<std::pair<base::Prefix, base::PeerId>> model;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto byte = [&] { return static_cast<std::uint8_t>(rng.below(4)); };
    const base::Prefix added(base::IpAddress::v4({10, byte(), byte(), byte()}),
                             8 + static_cast<unsigned>(rng.below(25)));
    std::erase_if(model, [&](const auto& entry) { return entry.first == added.network(); });
    table.add(added, {i});
    model.emplace_back(added.network(), base::PeerId{i});
  }
  for (int i = 0; i < 3000; ++i) {
    const auto byte = [&] { return static_cast<std::uint8_t>(rng.below(5)); };
    const auto wanted =
        base::IpAddress::v4({static_cast<std::uint8_t>(9 + rng.below(3)), byte(), byte(), byte()});
    std::optional<base::PeerId> best;
    unsigned length = 0;
    for (const auto& [candidate, peer] : model) {
      if (!candidate.contains(wanted) || (best && candidate.length() < length)) continue;
      best = peer;
      length = candidate.length();
    }
    ASSERT_EQ(table.find(wanted), best) << wanted.to_string();
  }
}

}  // namespace
}  // namespace sennit::tunnel
