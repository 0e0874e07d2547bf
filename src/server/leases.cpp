#include "server/leases.hpp"

#include <algorithm>
#include <array>

namespace sennit::server {

using base::Family;
using base::IpAddress;
using base::Prefix;

namespace {

// A search that looks at more addresses than this has found a network that is used up.
constexpr unsigned kMaxTries = 1U << 16U;

// The address that many steps behind the first of the network; none beyond its end.
std::optional<IpAddress> step(const Prefix& network, unsigned steps) {
  std::array<std::uint8_t, 16> bytes{};
  const auto first = network.address().bytes();
  std::copy(first.begin(), first.end(), bytes.begin());
  unsigned carry = steps;
  for (std::size_t i = first.size(); i-- > 0 && carry > 0;) {
    carry += bytes[i];
    bytes[i] = static_cast<std::uint8_t>(carry & 0xFFU);
    carry >>= 8U;
  }
  const auto address = IpAddress::from_bytes(std::span(bytes).first(first.size()));
  if (carry > 0 || !network.contains(*address)) return std::nullopt;
  return address;
}

// IPv4: the address with all host bits set. IPv6 has no broadcast.
bool is_broadcast(const Prefix& network, const IpAddress& address) {
  if (network.family() != Family::kV4) return false;
  const auto size = std::uint64_t{1} << (32U - network.length());
  return step(network, static_cast<unsigned>(size - 1)) == address;
}

}  // namespace

Leases::Leases(std::vector<Prefix> own, std::vector<Prefix> taken, LeaseTable earlier)
    : own_(std::move(own)), taken_(std::move(taken)), lent_(std::move(earlier)) {
  for (auto& [key, addresses] : lent_) {
    std::erase_if(addresses, [this](const IpAddress& address) { return !in_use_.insert(address).second; });
  }
}

std::vector<Prefix> Leases::lend(const crypto::PublicKey& key) {
  served_.insert(key);
  std::vector<Prefix> result;
  std::vector<IpAddress> addresses;
  for (const Prefix& own : own_) {
    auto address = earlier_in(own, key);
    if (!address) address = first_free(own);
    if (!address) address = take_from_stranger(own);
    if (!address) continue;
    addresses.push_back(*address);
    in_use_.insert(*address);
    result.emplace_back(*address, own.length());
  }
  lent_[key] = addresses;
  return result;
}

bool Leases::may_be_lent(const Prefix& own, const IpAddress& address) const {
  const Prefix network = own.network();
  if (!network.contains(address) || own.is_host()) return false;
  const bool has_ends =
      own.address().width() - own.length() > 1;  // RFC 3021, RFC 6164: of two, both are hosts
  if (has_ends && (address == network.address() || is_broadcast(network, address))) return false;
  const auto is_same = [&](const Prefix& other) { return other.address() == address; };
  const auto covers = [&](const Prefix& other) { return other.contains(address); };
  return std::none_of(own_.begin(), own_.end(), is_same) &&
         std::none_of(taken_.begin(), taken_.end(), covers);
}

std::optional<IpAddress> Leases::earlier_in(const Prefix& own, const crypto::PublicKey& key) const {
  const auto found = lent_.find(key);
  if (found == lent_.end()) return std::nullopt;
  for (const IpAddress& address : found->second) {
    if (may_be_lent(own, address)) return address;
  }
  return std::nullopt;
}

std::optional<IpAddress> Leases::first_free(const Prefix& own) const {
  const Prefix network = own.network();
  for (unsigned tries = 0; tries < kMaxTries; ++tries) {
    const auto address = step(network, tries);
    if (!address) return std::nullopt;
    if (may_be_lent(own, *address) && !in_use_.contains(*address)) return address;
  }
  return std::nullopt;
}

std::optional<IpAddress> Leases::take_from_stranger(const Prefix& own) {
  for (auto& [key, addresses] : lent_) {
    if (served_.contains(key)) continue;
    const auto found = std::find_if(addresses.begin(), addresses.end(),
                                    [&](const IpAddress& address) { return may_be_lent(own, address); });
    if (found == addresses.end()) continue;
    const IpAddress address = *found;
    addresses.erase(found);
    return address;
  }
  return std::nullopt;
}

}  // namespace sennit::server
