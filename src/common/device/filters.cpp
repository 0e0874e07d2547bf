#include "device/filters.hpp"

#include <algorithm>
#include <utility>

namespace sennit::device {

void Filters::add(FilterId id, const Filter& filter, const Named& named) {
  auto recorded = filter.action == FilterAction::kRecord ? std::make_unique<Capture>() : nullptr;
  rules_.push_back({id, filter, named, {0, {}}, std::move(recorded)});
  index(static_cast<std::uint32_t>(rules_.size() - 1));
}

Named Filters::remove(FilterId id) {
  const auto found = find(id);
  if (found == rules_.end()) return {};
  const auto named = found->named;
  rules_.erase(found);
  everybodys_.clear();
  own_.clear();
  for (std::uint32_t place = 0; place < rules_.size(); ++place) index(place);
  return named;
}

void Filters::index(std::uint32_t place) {
  const auto& device = rules_[place].named.device;
  // A device's first filter: those for everybody go before it.
  if (device) return own_.try_emplace(*device, everybodys_).first->second.push_back(place);
  everybodys_.push_back(place);
  for (auto& [owner, places] : own_) places.push_back(place);
}

std::vector<Filters::Rule>::iterator Filters::find(FilterId id) {
  return std::ranges::find(rules_, id, &Rule::id);
}

bool Filters::name(DeviceId device) const {
  return own_.contains(device) || copy_to(device);
}

bool Filters::copy_to(DeviceId device) const {
  return std::ranges::any_of(rules_, [&](const Rule& rule) { return rule.named.copies_to == device; });
}

const Filters::Places& Filters::places_of(std::optional<DeviceId> device) const {
  if (!device || own_.empty()) return everybodys_;
  const auto found = own_.find(*device);
  return found == own_.end() ? everybodys_ : found->second;
}

Judgement Filters::judge(std::optional<DeviceId> device, Direction direction, const wire::IpPacket& ip,
                         const Amount& amount) {
  copied_.clear();
  for (const auto place : places_of(device)) {
    auto& rule = rules_[place];
    const auto& filter = rule.filter;
    if (filter.direction.value_or(direction) != direction || !filter.match.takes(ip)) continue;
    rule.matched.packets += amount.packets;
    rule.matched.bytes += amount.bytes;
    switch (filter.action) {
      case FilterAction::kDrop: return {Verdict::kDrop, copied_};
      case FilterAction::kAllow: return {Verdict::kPass, copied_};
      case FilterAction::kCount: break;
      case FilterAction::kCopy:
      case FilterAction::kRecord: copied_.push_back(rule.id);
    }
  }
  return {Verdict::kPass, copied_};
}

std::optional<DeviceId> Filters::copy(FilterId id, Direction direction, base::ConstByteSpan packet,
                                      base::Instant now) {
  const auto found = find(id);
  if (found == rules_.end()) return std::nullopt;
  if (found->recorded) found->recorded->note(Point::kBefore, direction, packet, now);
  return found->named.copies_to;
}

Captured Filters::take_recorded(FilterId id) {
  const auto found = find(id);
  return found != rules_.end() && found->recorded ? found->recorded->take() : Captured{};
}

std::vector<FilterReport> Filters::report() const {
  std::vector<FilterReport> reports;
  for (const auto& rule : rules_) reports.push_back({rule.id, rule.matched.packets, rule.matched.bytes});
  return reports;
}

}  // namespace sennit::device
