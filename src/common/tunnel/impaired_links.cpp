#include "tunnel/impaired_links.hpp"

#include <algorithm>

#include "base/rng.hpp"

namespace sennit::tunnel {

namespace {

constexpr base::Duration kLeastStep = std::chrono::microseconds(1);

std::size_t index(device::Direction direction) {
  return static_cast<std::size_t>(direction);
}

base::DropReason reason_of(impair::Fate fate) {
  const bool is_queue = fate == impair::Fate::kQueueFull || fate == impair::Fate::kAqm;
  return is_queue ? base::DropReason::kImpairmentQueue : base::DropReason::kImpairmentLoss;
}

// On the wire it has IP and UDP headers, which the kernel writes; paths are its flows.
impair::Packet describe(const base::Route& route, std::size_t size, impair::BufferId buffer) {
  const auto headers = base::outer_overhead(route.remote.address.family());
  return {.buffer = buffer,
          .size = static_cast<std::uint32_t>(size + headers),
          .flow = {route.socket.value},
          .headers = static_cast<std::uint16_t>(headers),
          .dscp = {},
          .ecn = impair::Ecn::kNotCapable};
}

// Whether the kernel at the other end would refuse it: headers that are not here cannot be damaged, and a
// wrong checksum ends a datagram before any program sees it.
bool is_ruined(const impair::Damage& damage) {
  return damage && (damage.mode.checksums == impair::Checksums::kLeft ||
                    damage.mode.region == impair::DamageRegion::kHeaders);
}

}  // namespace

void ImpairedLinks::attach(base::LinkId link, const Attachment& attachment) {
  std::erase_if(link_of_, [link](const auto& entry) { return entry.second == link; });
  for (const auto& path : attachment.sockets) {
    if (path.v4) link_of_[*path.v4] = link;
    if (path.v6) link_of_[*path.v6] = link;
  }
}

void ImpairedLinks::impair(base::LinkId link, device::Direction direction,
                           const std::optional<impair::Settings>& settings, base::Instant now) {
  if (!settings && !links_.contains(link)) return;
  auto& lane = links_[link][index(direction)];
  lane.is_ending = !settings;
  if (lane.chain) {
    lane.chain->change(settings.value_or(impair::Settings{}), now);
    lane.chain->restart_counts();
  } else if (settings) {
    const auto seed = base::Rng(seed_ ^ (std::uint64_t{link.value} << 1U | index(direction)))();
    lane.chain = std::make_unique<impair::Chain>(pool_, *settings, impair::Seed{seed}, now);
  }
  forget_ended();
}

// A chain that is to go is kept while something is inside, so that nothing is overtaken.
void ImpairedLinks::forget_ended() {
  for (auto& [link, lanes] : links_) {
    for (auto& lane : lanes)
      if (lane.is_ending && lane.chain && lane.chain->empty()) lane.chain.reset();
  }
  std::erase_if(links_, [](const auto& entry) {
    return std::ranges::none_of(entry.second, [](const Lane& lane) { return lane.chain != nullptr; });
  });
}

ImpairedLinks::Lane* ImpairedLinks::lane_of(base::SocketId socket, device::Direction direction) {
  const auto link = link_of_.find(socket);
  if (link == link_of_.end()) return nullptr;
  const auto lanes = links_.find(link->second);
  if (lanes == links_.end()) return nullptr;
  auto& lane = lanes->second[index(direction)];
  return lane.chain ? &lane : nullptr;
}

void ImpairedLinks::push(impair::Chain& chain, const Passage& passage, base::ConstByteSpan datagram,
                         base::Instant now) {
  const auto buffer = store_.keep(datagram);
  if (!buffer) return drops_.count(base::DropReason::kImpairmentQueue);
  if (passages_.size() <= buffer->value) passages_.resize(std::size_t{buffer->value} + 1);
  passages_[buffer->value] = passage;
  chain.push(describe(passage.route, datagram.size(), *buffer), now);
}

void ImpairedLinks::push_run(impair::Chain& chain, const base::Transmit& run, base::Instant now) {
  for (auto rest = run.bytes; !rest.empty();) {
    const auto size = std::min(run.segment_size, rest.size());
    push(chain, {run.route, {}}, rest.first(size), now);
    rest = rest.subspan(size);
  }
}

std::span<const base::Transmit> ImpairedLinks::pass(std::span<const base::Transmit> transmits,
                                                    base::Instant now) {
  if (is_idle()) return transmits;
  asked_at_ = now;
  passed_.clear();
  for (const auto& run : transmits) {
    if (auto* lane = lane_of(run.route.socket, device::Direction::kUp)) {
      push_run(*lane->chain, run, now);
    } else {
      passed_.push_back(run);
    }
  }
  for (auto& [link, lanes] : links_)
    if (auto& lane = lanes[index(device::Direction::kUp)]; lane.chain) send_released(*lane.chain, now);
  const auto released = released_.drain();
  passed_.insert(passed_.end(), released.begin(), released.end());
  forget_ended();
  return passed_;
}

void ImpairedLinks::send_released(impair::Chain& chain, base::Instant now) {
  while (const auto emission = chain.pop(now)) {
    const auto buffer = finish(*emission);
    if (!buffer) continue;
    const auto bytes = store_.packet(*buffer).bytes;
    base::copy_bytes(bytes, released_.reserve(passages_[buffer->value].route, bytes.size()));
    store_.give_back(*buffer);
  }
}

// What is delivered is the caller's own, even where a copy of it is to follow.
std::optional<impair::BufferId> ImpairedLinks::finish(const impair::Emission& emission) {
  auto buffer = emission.packet.buffer;
  const bool is_dropped = emission.fate != impair::Fate::kDelivered || is_ruined(emission.damage);
  if (is_dropped) {
    drops_.count(reason_of(emission.fate));
    if (emission.is_last_use) store_.give_back(buffer);
    return std::nullopt;
  }
  if (!emission.is_last_use) {
    const auto copy = store_.keep(store_.packet(buffer).bytes);
    if (!copy) {
      drops_.count(base::DropReason::kImpairmentQueue);
      return std::nullopt;
    }
    if (passages_.size() <= copy->value) passages_.resize(std::size_t{copy->value} + 1);
    passages_[copy->value] = passages_[buffer.value];
    buffer = *copy;
  }
  if (emission.damage) {
    auto damage = emission.damage;
    damage.mode.region = impair::DamageRegion::kPacket;
    impair::apply(damage, store_.packet(buffer).bytes, 0);
  }
  return buffer;
}

bool ImpairedLinks::hold(const base::InboundDatagram& datagram, base::Instant now) {
  auto* lane = lane_of(datagram.socket, device::Direction::kDown);
  if (lane == nullptr) return false;
  push(*lane->chain, {{datagram.socket, datagram.local, datagram.remote}, datagram.waited}, datagram.bytes,
       now);
  return true;
}

std::optional<base::InboundDatagram> ImpairedLinks::release(base::Instant now) {
  for (auto& [link, lanes] : links_) {
    auto& lane = lanes[index(device::Direction::kDown)];
    if (!lane.chain) continue;
    while (const auto emission = lane.chain->pop(now)) {
      const auto buffer = finish(*emission);
      if (!buffer) continue;
      lent_.push_back(*buffer);
      const auto& [from, waited] = passages_[buffer->value];
      return base::InboundDatagram{from.socket, from.local, from.remote, store_.packet(*buffer).bytes,
                                   waited};
    }
  }
  forget_ended();
  return std::nullopt;
}

base::Instant ImpairedLinks::next_wakeup() const {
  auto next = base::kNever;
  for (const auto& [link, lanes] : links_)
    for (const auto& lane : lanes)
      if (lane.chain) next = std::min(next, lane.chain->next_wakeup());
  // A chain that gave nothing at its time is asked again, but not at once.
  return std::max(next, asked_at_ + kLeastStep);
}

void ImpairedLinks::recycle() {
  for (const auto buffer : lent_) store_.give_back(buffer);
  lent_.clear();
}

std::vector<LinkImpairmentReport> ImpairedLinks::report() const {
  std::vector<LinkImpairmentReport> all;
  for (const auto& [link, lanes] : links_) {
    auto& report = all.emplace_back();
    report.link = link;
    for (const auto direction : device::kDirections) {
      const auto& lane = lanes[index(direction)];
      if (!lane.chain || lane.is_ending) continue;
      report.lanes[index(direction)] =
          device::LaneReport{lane.chain->achieved(), lane.chain->queued(), lane.chain->queued_bytes()};
    }
  }
  return all;
}

}  // namespace sennit::tunnel
