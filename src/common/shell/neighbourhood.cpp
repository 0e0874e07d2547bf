#include "shell/neighbourhood.hpp"

#include <algorithm>
#include <set>

namespace sennit::shell {

NeighbourChange Neighbourhood::note(const io::NeighbourNews& news) {
  auto change = news.extent == io::Extent::kWhole ? forget_all_but(news.entries) : NeighbourChange::kNone;
  for (const auto& neighbour : news.entries)
    if (note(neighbour) == NeighbourChange::kSome) change = NeighbourChange::kSome;
  return change;
}

NeighbourChange Neighbourhood::note(const io::Neighbour& neighbour) {
  const Place place{neighbour.address, neighbour.interface};
  if (neighbour.presence == io::Presence::kGone)
    return owners_.erase(place) > 0 ? NeighbourChange::kSome : NeighbourChange::kNone;
  if (!neighbour.mac) return NeighbourChange::kNone;
  auto& owner = owners_[place];
  if (owner.heard > 0 && owner.mac == *neighbour.mac) return NeighbourChange::kNone;
  owner = {*neighbour.mac, ++heard_};
  return NeighbourChange::kSome;
}

NeighbourChange Neighbourhood::forget_all_but(const std::vector<io::Neighbour>& entries) {
  std::set<Place> kept;
  for (const auto& neighbour : entries) kept.emplace(neighbour.address, neighbour.interface);
  const auto forgotten =
      std::erase_if(owners_, [&](const auto& entry) { return !kept.contains(entry.first); });
  return forgotten > 0 ? NeighbourChange::kSome : NeighbourChange::kNone;
}

// Of an address that is known, the word that counts.
const Neighbourhood::Owner& Neighbourhood::owner_of(const base::IpAddress& address) const {
  auto place = owners_.lower_bound({address, {}});
  const auto* latest = &place->second;
  for (; place != owners_.end() && place->first.first == address; ++place)
    if (place->second.heard > latest->heard) latest = &place->second;
  return *latest;
}

std::vector<base::Prefix> Neighbourhood::addresses_of(
    const base::MacAddress& mac, const std::function<bool(const base::Prefix&)>& is_claimed) const {
  std::vector<base::Prefix> addresses;
  for (const auto& [place, owner] : owners_) {
    if (owner.mac != mac || &owner_of(place.first) != &owner) continue;
    const base::Prefix address(place.first, place.first.width());
    if (!is_claimed(address)) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace sennit::shell
