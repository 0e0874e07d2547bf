#include "server/tc/shaper.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "io/masquerade.hpp"
#include "server/tc/lane_plan.hpp"

namespace sennit::server::tc {

namespace {

Capabilities capabilities_or_refuse() {
  const auto found = probe_capabilities();
  if (!found) throw base::Error("cannot try what the kernel's tc can do; run as root");
  if (found->htb == Support::kAbsent)
    throw base::Error(
        "this kernel has no HTB; load it (`modprobe sch_htb`) or use a kernel with CONFIG_NET_SCH_HTB");
  if (!found->classifier)
    throw base::Error("no filter on marks works with this kernel; load one (`modprobe cls_fw`)");
  return *found;
}

const Place& checked(const Place& place) {
  if (place.lan == place.wan)
    throw base::UsageError("--lan and --wan are both " + place.lan +
                           "; devices are shaped between two interfaces");
  return place;
}

std::string table_of(const Place& place) {
  return io::table_name("shaper_" + place.lan);
}

ClassCounts since(const ClassCounts& now, const ClassCounts& before) {
  auto difference = now;
  difference.packets -= before.packets;
  difference.bytes.value -= before.bytes.value;
  difference.drops -= before.drops;
  difference.queue_drops -= before.queue_drops;
  difference.marked -= before.marked;
  return difference;
}

bool has_loss(const LanePlan& plan) {
  const auto* netem = std::get_if<Netem>(&plan.leaf);
  if (netem == nullptr) return false;
  const auto* random = std::get_if<impair::Probability>(&netem->loss);
  return random == nullptr || random->value > 0;
}

}  // namespace

Shaper::Shaper(io::Journal& journal, const Place& place)
    : journal_(journal),
      capabilities_(capabilities_or_refuse()),
      lan_(journal, checked(place).lan, *capabilities_.classifier, place.foreign),
      wan_(journal, place.wan, *capabilities_.classifier, place.foreign),
      marking_(table_of(place), {lan_.index(), wan_.index()}, *capabilities_.classifier),
      table_(journal.record_table(marking_.table())) {
  const auto refused = nftables_.run(marking_.creation());
  if (!refused.empty()) {
    journal_.undo(table_);
    throw base::Error("cannot mark packets: nftables says '" + refused +
                      "'; run as root on a kernel with nf_tables");
  }
  for (const auto side : {Side::kLan, Side::kWan}) switch_off_offloads(side);
}

// Somebody may have deleted the table (`nft flush ruleset` does): then all of it is made anew. Empty: done;
// else why not.
std::string Shaper::run(const std::string& commands) {
  const auto refused = nftables_.run(commands);
  return refused.empty() || nftables_.run(marking_.whole()).empty() ? std::string() : refused;
}

void Shaper::switch_off_offloads(Side side) {
  auto& offloads = offloads_[static_cast<std::size_t>(side)];
  offloads.reset();
  offloads.emplace(journal_, tree(side).interface());
}

std::string Shaper::offloads_left_on() const {
  std::string text;
  for (const auto& offloads : offloads_)
    if (offloads && !offloads->left_on().empty()) text += (text.empty() ? "" : ", ") + offloads->left_on();
  return text;
}

std::string Shaper::follow() {
  std::string happened;
  for (const auto side : {Side::kLan, Side::kWan}) {
    auto& offloads = offloads_[static_cast<std::size_t>(side)];
    if (offloads) offloads->follow_names();
    const auto before = tree(side).interface();
    const auto fate = tree(side).follow();
    if (fate == InterfaceFate::kSame) continue;
    happened += happened.empty() ? "" : ", ";
    if (fate == InterfaceFate::kRenamed) {
      happened += before + " is named " + tree(side).interface() + " now, and shaped as before";
    } else {
      resume(side);
      happened += before + " was made anew, and its shaping with it";
    }
  }
  return happened;
}

// Of an interface with another number, and a new tree.
void Shaper::resume(Side side) {
  const auto refused = run(marking_.move(side, tree(side).index()));
  if (!refused.empty()) throw base::Error("cannot mark packets: nftables says '" + refused + "'");
  switch_off_offloads(side);
  for (auto& [match, device] : devices_) {
    auto& lane = device.lanes[static_cast<std::size_t>(side)];
    if (lane) lane = Lane{lane->id, {{}, {}, has_loss(lane->plan)}, {}, {}, lane->plan};
  }
}

Shaper::~Shaper() {
  journal_.undo(table_);
}

std::string Shaper::refusal(const impair::Settings& settings) const {
  const auto plan = plan_lane(settings, capabilities_.netem_queue);
  if (const auto* refused = std::get_if<impair::Refusal>(&plan)) return refused->why;
  const auto& leaf = std::get<LanePlan>(plan).leaf;
  if (std::holds_alternative<Netem>(leaf) && capabilities_.netem == Support::kAbsent)
    return "this kernel has no netem, which tc needs for all but rate, burst, overhead and queue; load it "
           "(`modprobe sch_netem`) or use the tunnel back end";
  if (std::holds_alternative<FqCodel>(leaf) && capabilities_.fq_codel == Support::kAbsent)
    return "aqm: this kernel has no fq_codel; load it (`modprobe sch_fq_codel`) or leave it out";
  return {};
}

void Shaper::add(const base::DeviceAddresses& device) {
  const auto known = devices_.try_emplace(device.device, Device{device.addresses, {}, false}).first;
  known->second.is_leaving = false;
}

void Shaper::move_addresses(std::span<const base::DeviceAddresses> devices) {
  auto swapped = swap_addresses({devices.begin(), devices.end()});
  if (swapped.commands.empty()) return;
  const auto refused = run(swapped.commands);
  if (refused.empty()) return;
  swap_addresses(std::move(swapped.before));
  throw base::Error("cannot mark a device's packets: nftables says '" + refused + "'");
}

// All marks are taken before any is given, so that an address may go from one device to another.
Shaper::Swapped Shaper::swap_addresses(std::vector<base::DeviceAddresses> devices) {
  std::string taken;
  std::string given;
  for (const auto& [match, addresses] : devices) taken += mark_lanes(devices_.at(match), Marks::kTaken);
  for (auto& [match, addresses] : devices) {
    auto& device = devices_.at(match);
    std::swap(device.addresses, addresses);
    given += mark_lanes(device, Marks::kGiven);
  }
  return {std::move(devices), taken + given};
}

std::string Shaper::mark_lanes(const Device& device, Marks marks) {
  std::string commands;
  for (const auto side : {Side::kLan, Side::kWan}) {
    const auto& lane = device.lanes[static_cast<std::size_t>(side)];
    if (!lane) continue;
    const auto id = marks == Marks::kGiven ? std::optional(lane->id) : std::nullopt;
    for (const auto& address : device.addresses) commands += marking_.change(address, side, id);
  }
  return commands;
}

void Shaper::impair(const base::DeviceMatch& match, Side side,
                    const std::optional<impair::Settings>& settings, base::Instant now) {
  auto& device = devices_.at(match);
  if (!settings) return clear_lane(device, side, now);
  if (const auto refused = refusal(*settings); !refused.empty()) throw base::UsageError(refused);
  set_lane(device, side, std::get<LanePlan>(plan_lane(*settings, capabilities_.netem_queue)), now);
}

void Shaper::set_lane(Device& device, Side side, const LanePlan& plan, base::Instant now) {
  auto& lane = device.lanes[static_cast<std::size_t>(side)];
  if (lane && tree(side).can_change(lane->id, plan)) {
    tree(side).change(lane->id, plan);
    lane->before = lane->last;
    lane->counts = {{}, {}, has_loss(plan)};
    lane->plan = plan;
    return;
  }
  const auto old = lane ? std::optional(lane->id) : std::nullopt;
  const auto id = tree(side).add(plan);
  try {
    mark(device, side, id, old);
  } catch (const base::Error&) {
    tree(side).remove(id);
    throw;
  }
  lane = Lane{id, {{}, {}, has_loss(plan)}, {}, {}, plan};
  if (old) tree(side).retire(*old, now);
}

void Shaper::clear_lane(Device& device, Side side, base::Instant now) {
  auto& lane = device.lanes[static_cast<std::size_t>(side)];
  if (!lane) return;
  mark(device, side, std::nullopt, lane->id);
  tree(side).retire(lane->id, now);
  lane.reset();
}

void Shaper::mark(const Device& device, Side side, std::optional<ClassId> id, std::optional<ClassId> before) {
  std::string commands;
  for (const auto& address : device.addresses) commands += marking_.change(address, side, id);
  if (commands.empty()) return;
  const auto refused = run(commands);
  if (refused.empty()) return;
  for (const auto& address : device.addresses) marking_.change(address, side, before);
  throw base::Error("cannot mark a device's packets: nftables says '" + refused + "'");
}

void Shaper::remove(const base::DeviceMatch& match, base::Instant now) {
  const auto device = devices_.find(match);
  if (device == devices_.end()) return;
  clear_lane(device->second, Side::kLan, now);
  clear_lane(device->second, Side::kWan, now);
  devices_.erase(device);
}

void Shaper::let_go(const base::DeviceMatch& match) {
  const auto found = devices_.find(match);
  if (found == devices_.end()) return;
  auto& device = found->second;
  for (const auto side : {Side::kLan, Side::kWan}) {
    auto& lane = device.lanes[static_cast<std::size_t>(side)];
    if (!lane) continue;
    lane->plan = unimpaired(lane->plan);
    tree(side).change(lane->id, lane->plan);
  }
  device.is_leaving = true;
}

void Shaper::forget_drained(base::Instant now) {
  std::vector<base::DeviceMatch> drained;
  for (const auto& [match, device] : devices_) {
    const auto is_empty = [](const auto& lane) { return !lane || lane->last.queued == 0; };
    if (device.is_leaving && std::ranges::all_of(device.lanes, is_empty)) drained.push_back(match);
  }
  for (const auto& match : drained) remove(match, now);
}

void Shaper::poll(base::Instant now) {
  for (const auto side : {Side::kLan, Side::kWan}) {
    tree(side).sweep(now);
    const auto counted = tree(side).counts();
    for (auto& [match, device] : devices_) {
      auto& lane = device.lanes[static_cast<std::size_t>(side)];
      const auto found = lane ? counted.find(lane->id) : counted.end();
      if (found == counted.end()) continue;
      lane->last = found->second;
      const auto kernel = since(lane->last, lane->before);
      const auto& sent = lane->counts.sent;
      lane->counts.sent.add(kernel.packets - sent.packets(), {kernel.bytes.value - sent.bytes().value}, now);
      lane->counts.kernel = kernel;
    }
  }
  forget_drained(now);
}

std::vector<DeviceCounts> Shaper::counts() const {
  std::vector<DeviceCounts> all;
  all.reserve(devices_.size());
  for (const auto& [match, device] : devices_) {
    if (device.is_leaving) continue;
    auto& one = all.emplace_back(DeviceCounts{match, {}, device.addresses});
    for (std::size_t side = 0; side < device.lanes.size(); ++side)
      if (device.lanes[side]) one.lanes[side] = device.lanes[side]->counts;
  }
  return all;
}

}  // namespace sennit::server::tc
