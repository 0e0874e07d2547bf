#include "outbound/schedule.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "outbound/classify.hpp"
#include "outbound/seal.hpp"
#include "wire/frames.hpp"

namespace sennit::outbound {

namespace {

constexpr base::Bytes kFullPacket{1500};
// A path is left for another only if that is so much quicker: delays waver.
constexpr base::Duration kLoyalty = std::chrono::microseconds(500);
constexpr base::Duration kEagerAhead = std::chrono::microseconds(700);
// A flow that sends no more than this in 20 to 40 ms waits for nobody: games, voice, acknowledgements.
constexpr base::Bytes kLittle{4000};
// A flow that was spread and sends less than one in so many of what it sent then has run thin.
constexpr std::uint64_t kThinned = 10;

// The order of `failover`: cheapest first, then as configured.
bool comes_first(const link::Path& a, const link::Path& b) {
  return a.cost != b.cost ? a.cost < b.cost : a.id < b.id;
}

// Rendezvous hashing (Thaler, Ravishankar 1998): a flow moves only when its own path goes.
std::uint64_t affinity(base::FlowBucket bucket, base::PathId path) {
  std::uint64_t x = (static_cast<std::uint64_t>(bucket.value) << 8U | path.value) * 0x9E3779B97F4A7C15U;
  x ^= x >> 32U;
  return x * 0xD6E8FEB86659FD93U;
}

}  // namespace

base::Bytes largest_inner(const link::Path& path) {
  const auto overhead =
      base::outer_overhead(path.route ? path.route->remote.address.family() : base::Family::kV6) +
      kSealOverhead + wire::DataHeader::kSize;
  return {path.mtu.value > overhead ? path.mtu.value - overhead : 0U};
}

void Scheduler::survey(std::span<link::Path* const> paths) {
  const auto answers = [](const link::Path* path) { return path->is_usable() && !path->is_suspect; };
  const auto is_measured = [](const link::Path* path) {
    return path->rtt.known() || path->way_out.is_known();
  };
  const bool has_measured =
      std::ranges::any_of(paths, [&](const link::Path* path) { return answers(path) && is_measured(path); });
  // One of which nothing is known yet would look like the quickest.
  const auto is_trusted = [&](const link::Path* path) {
    return answers(path) && (is_measured(path) || !has_measured);
  };
  const bool has_trusted = std::ranges::any_of(paths, is_trusted);
  const bool has_regular = std::ranges::any_of(paths, [&](const link::Path* path) {
    return path->use == link::PathUse::kAlways && (has_trusted ? is_trusted(path) : path->is_usable());
  });
  const auto is_avoided = [&](const link::Path* path) { return has_trusted && !is_trusted(path); };
  // Of the backups the cheapest that are up.
  std::uint32_t least_cost = std::numeric_limits<std::uint32_t>::max();
  for (const auto* path : paths)
    if (path->is_usable() && !is_avoided(path)) least_cost = std::min(least_cost, path->cost);
  const auto is_in_reserve = [&](const link::Path* path) {
    return path->use == link::PathUse::kBackup && (has_regular || path->cost > least_cost);
  };
  count_ = 0;
  for (auto* path : paths) {
    const bool is_spared = mode_ != Mode::kRedundant && (is_avoided(path) || is_in_reserve(path));
    if (!path->is_usable() || is_spared) continue;
    in_use_[count_++] = {path, largest_inner(*path)};
  }
  note_transits();
  if (mode_ == Mode::kAggregate) leave_out_late();
  note_extremes();
  if (mode_ == Mode::kFlow) note_changed_paths();
}

bool Scheduler::uses(const link::Path& path) const {
  return std::ranges::find(in_use(), &path, &Candidate::path) != in_use().end();
}

const Scheduler::Candidate* Scheduler::find(base::PathId path) const {
  const auto found =
      std::ranges::find_if(in_use(), [path](const Candidate& one) { return one.path->id == path; });
  return found == in_use().end() ? nullptr : &*found;
}

void Scheduler::note_sent(base::FlowBucket bucket, base::Bytes inner_size, base::Instant now) {
  if (mode_ == Mode::kAggregate && count_ > 1) history_.note_sent(bucket, inner_size, now);
}

// One-way delays where every path's is known, else half the round trips: both only tell paths apart.
void Scheduler::note_transits() {
  const auto candidates = std::span(in_use_).first(count_);
  const bool all_known =
      std::ranges::all_of(candidates, [](const auto& one) { return one.path->way_out.is_known(); });
  for (auto& candidate : candidates) {
    const auto& path = *candidate.path;
    candidate.transit = all_known ? path.way_out.base() + path.way_out.queue() : path.rtt.smoothed() / 2;
  }
}

void Scheduler::leave_out_late() {
  const auto candidates = std::span(in_use_).first(count_);
  const auto full = [](const Candidate& one) { return one.transit + one.path->pacer.time_for(kFullPacket); };
  if (candidates.empty()) return;
  const auto quickest = full(*std::ranges::min_element(candidates, {}, full));
  const auto end = std::remove_if(candidates.begin(), candidates.end(),
                                  [&](const Candidate& one) { return full(one) > quickest + kHorizon; });
  count_ = static_cast<std::size_t>(end - candidates.begin());
  latest_ = full(*std::ranges::max_element(in_use(), {}, full));
}

void Scheduler::note_extremes() {
  largest_ = {};
  quickest_ = nullptr;
  least_cost_ = std::numeric_limits<std::uint32_t>::max();
  if (count_ == 0) return;
  largest_ = std::ranges::max(in_use(), {}, &Candidate::largest).largest;
  quickest_ = std::ranges::min_element(in_use(), {}, &Candidate::transit)->path;
  for (const auto& one : in_use()) least_cost_ = std::min(least_cost_, one.path->cost);
}

// Homes are computed once a bucket, not once a packet, as long as the paths stay the same.
void Scheduler::note_changed_paths() {
  std::uint32_t paths = 0;
  for (const auto& candidate : in_use()) paths |= std::uint32_t{1} << candidate.path->id.value;
  if (std::exchange(homes_paths_, paths) != paths || homes_.empty()) homes_.assign(kFlowBuckets, kNoHome);
}

link::Path* Scheduler::home_of(base::FlowBucket bucket, base::Bytes inner_size) {
  auto& home = homes_[bucket.value % homes_.size()];
  if (home != kNoHome && in_use_[home].largest >= inner_size) return in_use_[home].path;
  const Candidate* best = nullptr;
  bool all_fit = true;
  for (const auto& candidate : in_use()) {
    all_fit &= candidate.largest >= inner_size;
    if (candidate.largest < inner_size) continue;
    if (best == nullptr || affinity(bucket, candidate.path->id) > affinity(bucket, best->path->id))
      best = &candidate;
  }
  if (best == nullptr) return nullptr;
  if (all_fit) home = static_cast<std::uint8_t>(best - in_use_.data());
  return best->path;
}

std::span<link::Path* const> Scheduler::choose(base::FlowBucket bucket, base::Bytes inner_size, Pace pace,
                                               base::Instant now) {
  std::size_t count = 0;
  const auto take = [&](link::Path* path) { chosen_[count++] = path; };
  switch (mode_) {
    case Mode::kAggregate:
      if (auto* path = pace == Pace::kSparse ? next_path(inner_size, pace, now)
                                             : path_of_flow(bucket, inner_size, pace, now))
        take(path);
      break;
    case Mode::kFlow:
      if (auto* path = home_of(bucket, inner_size)) take(path);
      break;
    case Mode::kFailover: {
      link::Path* first = nullptr;
      for (const auto& one : in_use())
        if (one.largest >= inner_size && (first == nullptr || comes_first(*one.path, *first)))
          first = one.path;
      if (first != nullptr) take(first);
      break;
    }
    case Mode::kRedundant:
      for (const auto& one : in_use())
        if (one.largest >= inner_size) take(one.path);
      break;
  }
  return std::span(chosen_).first(count);
}

base::Duration Scheduler::arrival(const Candidate& candidate, base::Bytes size, Pace pace,
                                  base::Instant now) const {
  const auto& path = *candidate.path;
  const auto loyalty = &path == last_ ? kLoyalty : base::Duration{};
  if (pace == Pace::kSparse && path.pacer.is_open_to_urgent(now))
    return candidate.transit + path.pacer.time_for(size) - loyalty;
  const auto wait = path.pacer.next(now) - now;
  return wait + path.pacer.time_for(path.committed + size) + candidate.transit - loyalty;
}

// Some cheaper path that takes such a packet still has something to give.
bool Scheduler::is_dispensable(const Candidate& candidate, base::Bytes inner_size, base::Instant now) const {
  if (candidate.path->cost == least_cost_) return false;
  return std::ranges::any_of(in_use(), [&](const Candidate& other) {
    return other.path->cost < candidate.path->cost && other.largest >= inner_size &&
           other.path->capacity.saturation(now) == link::Limit::kNone;
  });
}

// A flow that sends little does not share in what is done to fill the paths. One that was spread and has run
// thin (BBR looks for its least round trip with four packets) stays with the slower path for a moment: what
// comes back sooner would tell a sender that far less has to be under way than the paths take.
link::Path* Scheduler::path_of_flow(base::FlowBucket bucket, base::Bytes inner_size, Pace pace,
                                    base::Instant now) {
  if (count_ < 2) return next_path(inner_size, Pace::kBulk, now);
  const bool may_be_thin = pace != Pace::kBacklogged;
  const auto sent = history_.sent(bucket, now);
  const auto spread = history_.spread(bucket, now);
  const auto* slower = spread ? find(spread->path) : nullptr;
  if (may_be_thin && slower == nullptr && sent <= kLittle) return next_path(inner_size, Pace::kSparse, now);
  auto* path = next_path(inner_size, Pace::kBulk, now);
  if (path == nullptr) return nullptr;
  if (may_be_thin && slower != nullptr && sent.value * kThinned < spread->sent.value) {
    const bool is_free = backlog(*slower->path, now) <= base::Duration{};
    const bool fits = slower->largest >= inner_size && !is_dispensable(*slower, inner_size, now);
    return is_free && fits ? slower->path : path;
  }
  if (path != quickest_ && is_saturated(now)) {
    const auto* used = find(path->id);
    const auto* slowest = slower != nullptr && slower->transit > used->transit ? slower : used;
    history_.note_spread(bucket, slowest->path->id, now);
  }
  return path;
}

link::Path* Scheduler::next_path(base::Bytes inner_size, Pace pace, base::Instant now) {
  if (count_ == 0) return nullptr;
  if (count_ == 1) return in_use_[0].largest >= inner_size ? in_use_[0].path : nullptr;
  const Candidate* best = nullptr;
  base::Duration least{};
  const bool is_eager = pace == Pace::kBulk && is_saturated(now);
  for (const auto& candidate : in_use()) {
    if (candidate.largest < inner_size || is_dispensable(candidate, inner_size, now)) continue;
    auto when = arrival(candidate, inner_size, pace, now);
    const bool is_busy = is_eager && backlog(*candidate.path, now) > base::Duration{};
    const bool is_unproven =
        pace == Pace::kBulk && candidate.path->is_overdrawn() && candidate.path != quickest_;
    if (is_busy || is_unproven) when += kHorizon;
    if (best != nullptr && when >= least) continue;
    best = &candidate;
    least = when;
  }
  if (best == nullptr) return nullptr;
  last_ = best->path;
  return best->path;
}

// The quickest path is full, and has been for a while.
bool Scheduler::is_saturated(base::Instant now) const {
  return quickest_->capacity.saturation(now) != link::Limit::kNone;
}

// How long the path needs for what it was given.
base::Duration Scheduler::backlog(const link::Path& path, base::Instant now) {
  return path.pacer.next(now) - now + path.pacer.time_for(path.committed);
}

bool Scheduler::has_room(const link::Path& path, base::Instant now) const {
  const auto own = std::ranges::find(in_use(), &path, &Candidate::path);
  if (path.is_overdrawn() && &path != quickest_) return false;
  const auto ready = backlog(path, now);
  if (is_saturated(now)) return ready <= kEagerAhead;
  return ready + own->transit + path.pacer.time_for(kFullPacket) <= latest_ + kAhead;
}

}  // namespace sennit::outbound
