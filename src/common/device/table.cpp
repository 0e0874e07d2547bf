#include "device/table.hpp"

#include <algorithm>

#include "base/rng.hpp"
#include "device/describe.hpp"
#include "impair/match.hpp"

namespace sennit::device {

namespace {

// Under load, what comes out within this time comes out together. A packet after a pause does not wait.
constexpr base::Duration kGrain = std::chrono::microseconds(50);
// A chain that gave nothing at its time is asked again no sooner.
constexpr base::Duration kLeastStep = std::chrono::microseconds(1);

base::DropReason reason_of(impair::Fate fate) {
  const bool is_queue = fate == impair::Fate::kQueueFull || fate == impair::Fate::kAqm;
  return is_queue ? base::DropReason::kImpairmentQueue : base::DropReason::kImpairmentLoss;
}

}  // namespace

Table::Table(Side side, std::uint64_t seed, base::DropCounters& drops)
    : side_(side), seed_(seed), drops_(drops) {}

DeviceId Table::acquire(const base::DeviceMatch& match) {
  const auto [known, is_new] = ids_.try_emplace(match);
  if (!is_new) return known->second;
  if (free_.empty()) {
    known->second = {static_cast<std::uint32_t>(devices_.size())};
    devices_.emplace_back();
  } else {
    known->second = free_.back();
    free_.pop_back();
  }
  devices_[known->second.value].match = match;
  return known->second;
}

std::optional<DeviceId> Table::find(const base::DeviceMatch& match) const {
  const auto found = ids_.find(match);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

// Those that another device was given meanwhile stay that one's.
void Table::take_addresses(DeviceId id) {
  auto& addresses = devices_[id.value].addresses;
  for (const auto& address : addresses)
    if (classifier_.owner(address) == id) classifier_.remove(address);
  addresses.clear();
}

void Table::add(const base::DeviceAddresses& device) {
  const auto id = acquire(device.device);
  take_addresses(id);
  auto& known = devices_[id.value];
  known.addresses = device.addresses;
  for (const auto& address : known.addresses) classifier_.add(address, id);
  known.is_leaving = false;
}

impair::Seed Table::seed_of(const base::DeviceMatch& match, Direction direction) const {
  const auto hash = std::visit(
      impair::Match{[](const base::Prefix& prefix) {
                      return std::hash<base::IpAddress>{}(prefix.address()) * 131 + prefix.length();
                    },
                    [](const base::MacAddress& mac) { return std::hash<std::string>{}(mac.to_string()); }},
      match);
  return {base::Rng(seed_ ^ hash ^ static_cast<std::uint64_t>(direction) << 63U)()};
}

void Table::impair(const base::DeviceMatch& match, Direction direction,
                   const std::optional<impair::Settings>& settings, base::Instant now) {
  const auto device = find(match);
  if (!device) return;
  const LaneId id{device->value * 2 + static_cast<std::uint32_t>(direction)};
  if (!settings) return end(id, now);
  auto& target = lane(id);
  target.is_ending = false;
  target.is_passive = false;
  if (target.chain) {
    target.chain->change(*settings, now);
    target.chain->restart_counts();
  } else {
    target.chain = std::make_unique<impair::Chain>(pool_, *settings, seed_of(match, direction), now);
  }
  settle(id, now);
}

// Packets that come meanwhile still follow those inside, so that none is overtaken.
void Table::end(LaneId id, base::Instant now) {
  auto& target = lane(id);
  if (!target.chain) return;
  target.is_passive = needs_passive_lanes({id.value / 2});
  target.is_ending = !target.is_passive;
  target.chain->change({}, now);
  settle(id, now);
}

void Table::remove(const base::DeviceMatch& match, base::Instant now) {
  const auto id = find(match);
  if (!id) return;
  devices_[id->value].is_leaving = true;
  devices_[id->value].capture.reset();
  for (const auto direction : kDirections) end({id->value * 2 + static_cast<std::uint32_t>(direction)}, now);
  forget_if_empty(*id);
}

void Table::forget_if_empty(DeviceId id) {
  auto& device = devices_[id.value];
  if (!device.is_leaving || device.lanes[0].chain || device.lanes[1].chain || filters_.name(id)) return;
  take_addresses(id);
  ids_.erase(*device.match);
  device.match.reset();
  device.is_leaving = false;
  free_.push_back(id);
}

bool Table::needs_passive_lanes(DeviceId id) const {
  return devices_[id.value].capture != nullptr || filters_.copy_to(id);
}

void Table::open_passive_lanes(DeviceId id, base::Instant now) {
  auto& device = devices_[id.value];
  for (const auto direction : kDirections) {
    auto& lane = device.lanes[static_cast<std::size_t>(direction)];
    lane.is_passive = !lane.chain || lane.is_ending || lane.is_passive;
    lane.is_ending = false;
    if (lane.chain) continue;
    const auto seed = seed_of(*device.match, direction);
    lane.chain = std::make_unique<impair::Chain>(pool_, impair::Settings{}, seed, now);
  }
}

void Table::close_passive_lanes(DeviceId id, base::Instant now) {
  for (const auto direction : kDirections) {
    if (devices_[id.value].lanes[static_cast<std::size_t>(direction)].is_passive)
      end({id.value * 2 + static_cast<std::uint32_t>(direction)}, now);
  }
}

void Table::start_capture(const base::DeviceMatch& match, base::Instant now) {
  const auto id = find(match);
  if (!id) return;
  devices_[id->value].capture = std::make_unique<Capture>();
  open_passive_lanes(*id, now);
}

std::optional<Captured> Table::take_captured(const base::DeviceMatch& match) {
  const auto id = find(match);
  if (!id || !devices_[id->value].capture) return std::nullopt;
  return devices_[id->value].capture->take();
}

void Table::stop_capture(const base::DeviceMatch& match, base::Instant now) {
  const auto id = find(match);
  if (!id) return;
  devices_[id->value].capture.reset();
  close_passive_lanes(*id, now);
}

std::optional<DeviceId> Table::find(const std::optional<base::DeviceMatch>& match) const {
  return match ? find(*match) : std::nullopt;
}

void Table::add_filter(FilterId id, const Filter& filter, base::Instant now) {
  const auto target = find(filter.copies_to);
  filters_.add(id, filter, {find(filter.device), target});
  if (target) open_passive_lanes(*target, now);
}

void Table::remove_filter(FilterId id, base::Instant now) {
  const auto [device, target] = filters_.remove(id);
  if (target && !needs_passive_lanes(*target)) close_passive_lanes(*target, now);
  for (const auto& named : {device, target})
    if (named) forget_if_empty(*named);
}

Judgement Table::judge(Way way, const wire::IpPacket& ip, const Amount& amount) {
  const auto judgement = filters_.judge(device_of(way, ip), direction_of(way), ip, amount);
  if (judgement.verdict == Verdict::kDrop) drops_.count(base::DropReason::kFiltered, amount.packets);
  return judgement;
}

void Table::copy(std::span<const FilterId> filters, Way way, const base::InnerPacket& packet,
                 const wire::IpPacket& ip, base::Instant now) {
  const auto direction = direction_of(way);
  for (const auto filter : filters) {
    const auto target = filters_.copy(filter, direction, packet.bytes, now);
    if (target) push({target->value * 2 + static_cast<std::uint32_t>(direction)}, packet, ip, now);
  }
}

void Table::capture(LaneId id, Point point, base::ConstByteSpan packet, base::Instant now) {
  auto* capture = devices_[id.value / 2].capture.get();
  if (capture != nullptr) capture->note(point, static_cast<Direction>(id.value % 2), packet, now);
}

Direction Table::direction_of(Way way) const {
  return (way == Way::kOut) == (side_ == Side::kHere) ? Direction::kUp : Direction::kDown;
}

std::optional<DeviceId> Table::device_of(Way way, const wire::IpPacket& ip) const {
  return classifier_.find(direction_of(way) == Direction::kUp ? ip.source : ip.destination);
}

std::optional<LaneId> Table::find_lane(Way way, const wire::IpPacket& ip) const {
  const auto device = device_of(way, ip);
  const auto direction = direction_of(way);
  if (!device || !devices_[device->value].lanes[static_cast<std::size_t>(direction)].chain)
    return std::nullopt;
  return LaneId{device->value * 2 + static_cast<std::uint32_t>(direction)};
}

Way Table::way_of(LaneId lane) const {
  const bool is_up = static_cast<Direction>(lane.value % 2) == Direction::kUp;
  return is_up == (side_ == Side::kHere) ? Way::kOut : Way::kIn;
}

void Table::push(LaneId id, const base::InnerPacket& packet, const wire::IpPacket& ip, base::Instant now) {
  capture(id, Point::kBefore, packet.bytes, now);
  const auto buffer = store_.keep(packet.bytes, packet.checksum);
  if (!buffer) {
    drops_.count(base::DropReason::kImpairmentQueue);
    return;
  }
  auto& chain = *lane(id).chain;
  chain.push(describe(packet, ip, *buffer), now);
  arm(id, chain.next_wakeup());
}

// An earlier entry stays: at its time the chain says when it is wanted.
void Table::arm(LaneId id, base::Instant at) {
  auto& target = lane(id);
  if (at >= target.armed) return;
  target.armed = at;
  wakes_.push({at, id});
}

std::optional<Released> Table::release(base::Instant now) {
  while (!wakes_.empty() && wakes_.top().at <= now) {
    const auto [at, id] = wakes_.top();
    auto& source = lane(id);
    if (source.armed == at) {
      released_at_ = now;
      while (const auto emission = source.chain->pop(now))
        if (auto released = finish(*emission, id)) return released;
      source.armed = base::kNever;
    }
    wakes_.pop();
    settle(id, now);
  }
  return std::nullopt;
}

// Either wants the chain's next wake-up, or lets go of a chain that was waited for.
void Table::settle(LaneId id, base::Instant now) {
  auto& target = lane(id);
  if (!target.chain) return;
  if (!target.is_ending || !target.chain->empty())
    return arm(id, std::max(target.chain->next_wakeup(), now + kLeastStep));
  target.chain.reset();
  target.armed = base::kNever;
  target.is_ending = false;
  forget_if_empty({id.value / 2});
}

std::optional<Released> Table::finish(const impair::Emission& emission, LaneId lane) {
  auto buffer = emission.packet.buffer;
  if (emission.fate != impair::Fate::kDelivered) {
    drops_.count(reason_of(emission.fate));
    if (emission.is_last_use) store_.give_back(buffer);
    return std::nullopt;
  }
  if (!emission.is_last_use) {
    // What is sent is rewritten in place, and the bytes are wanted again.
    const auto original = store_.packet(buffer);
    const auto copy = store_.keep(original.bytes, original.checksum);
    if (!copy) {
      drops_.count(base::DropReason::kImpairmentQueue);
      return std::nullopt;
    }
    buffer = *copy;
  }
  lent_.push_back(buffer);
  auto packet = store_.packet(buffer);
  alter(packet, emission);
  const auto ip = wire::IpPacket::parse(packet.bytes);
  if (!ip) {
    // Damage of its header: no router would pass it on.
    drops_.count(base::DropReason::kNotIp);
    return std::nullopt;
  }
  packet.bytes = packet.bytes.first(ip->total_length);
  capture(lane, Point::kAfter, packet.bytes, released_at_);
  return Released{way_of(lane), packet, *ip};
}

base::Instant Table::next_wakeup() const {
  if (wakes_.empty()) return base::kNever;
  if (released_at_ == base::Instant::min()) return wakes_.top().at;
  return std::max(wakes_.top().at, released_at_ + kGrain);
}

void Table::recycle() {
  for (const auto buffer : lent_) store_.give_back(buffer);
  lent_.clear();
}

std::vector<DeviceReport> Table::report() const {
  std::vector<DeviceReport> reports;
  for (const auto& device : devices_) {
    if (!device.match || device.is_leaving) continue;
    auto& report = reports.emplace_back(DeviceReport{*device.match, {}, device.addresses});
    for (std::size_t i = 0; i < device.lanes.size(); ++i) {
      const auto& [chain, armed, is_ending, is_passive] = device.lanes[i];
      if (chain && !is_ending && !is_passive)
        report.lanes[i] = LaneReport{chain->achieved(), chain->queued(), chain->queued_bytes()};
    }
  }
  return reports;
}

}  // namespace sennit::device
