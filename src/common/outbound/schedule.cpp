#include "outbound/schedule.hpp"

#include <algorithm>
#include <utility>

#include "outbound/classify.hpp"
#include "outbound/seal.hpp"
#include "wire/frames.hpp"

namespace sennit::outbound {

namespace {

// Bytes that a path of average weight may send before its turn ends: two full packets, or half of a burst up
// to sixteen, from where longer runs gain little (docs/performance.md).
constexpr double kQuantum = 3000;
constexpr double kLargestQuantum = 8 * kQuantum;

double quantum_of(base::Bytes burst) {
  return std::clamp(static_cast<double>(burst.value) / 2, kQuantum, kLargestQuantum);
}

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
  const bool has_regular = std::ranges::any_of(
      paths, [](const link::Path* path) { return path->use == link::PathUse::kAlways && path->is_usable(); });
  count_ = 0;
  for (auto* path : paths) {
    const bool in_reserve = path->use == link::PathUse::kBackup && has_regular && mode_ != Mode::kRedundant;
    if (path->is_usable() && !in_reserve) in_use_[count_++] = {path, largest_inner(*path)};
  }
  largest_ = smallest_ = {};
  if (count_ == 0) return;
  const auto [least, most] = std::ranges::minmax(in_use(), {}, &Candidate::largest);
  smallest_ = least.largest;
  largest_ = most.largest;
  weigh();
  if (mode_ == Mode::kFlow) note_changed_paths();
}

// Homes are computed once a bucket, not once a packet, as long as the paths stay the same.
void Scheduler::note_changed_paths() {
  std::uint32_t paths = 0;
  for (const auto& candidate : in_use()) paths |= std::uint32_t{1} << candidate.path->id.value;
  if (std::exchange(homes_paths_, paths) != paths || homes_.empty()) homes_.assign(kFlowBuckets, kNoHome);
}

link::Path* Scheduler::home_of(base::FlowBucket bucket, std::span<const Candidate> candidates) {
  const auto compute = [&] {
    return std::ranges::max_element(candidates, {}, [bucket](const Candidate& candidate) {
      return affinity(bucket, candidate.path->id);
    });
  };
  if (candidates.size() != count_ || bucket.value >= homes_.size()) return compute()->path;
  auto& home = homes_[bucket.value];
  if (home == kNoHome) home = static_cast<std::uint8_t>(compute() - candidates.begin());
  return candidates[home].path;
}

// A path whose rate is not told weighs as much as the mean of those told, or as any other.
void Scheduler::weigh() {
  double sum = 0;
  double told = 0;
  for (const auto& candidate : in_use()) {
    const auto rate = candidate.path->told_rate.bits_per_second;
    sum += static_cast<double>(rate);
    told += rate == 0 ? 0 : 1;
  }
  if (told == 0) return;
  for (auto& candidate : std::span(in_use_).first(count_)) {
    const auto rate = candidate.path->told_rate.bits_per_second;
    candidate.weight = rate == 0 ? 1 : static_cast<double>(rate) * told / sum;
  }
}

std::span<const Scheduler::Candidate> Scheduler::fitting(base::Bytes inner_size) {
  if (inner_size <= smallest_) return in_use();
  const auto end = std::ranges::copy_if(in_use(), fitting_.begin(), [inner_size](const Candidate& candidate) {
                     return candidate.largest >= inner_size;
                   }).out;
  return {fitting_.begin(), end};
}

std::span<link::Path* const> Scheduler::choose(base::FlowBucket bucket, base::Bytes inner_size,
                                               base::Bytes burst) {
  const auto candidates = fitting(inner_size);
  if (candidates.empty()) return {};
  const auto path_of = [](const Candidate& candidate) -> link::Path& { return *candidate.path; };
  switch (mode_) {
    case Mode::kAggregate: chosen_[0] = next_by_weight(candidates, inner_size, burst); break;
    case Mode::kFlow: chosen_[0] = home_of(bucket, candidates); break;
    case Mode::kFailover:
      chosen_[0] = std::ranges::min_element(candidates, comes_first, path_of)->path;
      break;
    case Mode::kRedundant: std::ranges::transform(candidates, chosen_.begin(), &Candidate::path); break;
  }
  return std::span(chosen_).first(mode_ == Mode::kRedundant ? candidates.size() : 1);
}

link::Path* Scheduler::next_by_weight(std::span<const Candidate> candidates, base::Bytes size,
                                      base::Bytes burst) {
  if (candidates.size() == 1) return candidates.front().path;
  const double quantum = quantum_of(burst);
  // Deficit round robin (Shreedhar, Varghese 1995): every turn adds a quantum, every packet takes its size.
  for (;;) {
    const auto& candidate = candidates[turn_ % candidates.size()];
    auto& credit = credit_[candidate.path->id.value];
    if (credit > 0) {
      credit -= static_cast<std::int64_t>(size.value);
      return candidate.path;
    }
    ++turn_;
    const auto& next = candidates[turn_ % candidates.size()];
    auto& refilled = credit_[next.path->id.value];
    refilled = std::min(refilled, std::int64_t{0}) +
               std::max(std::int64_t{1}, static_cast<std::int64_t>(quantum * next.weight));
  }
}

}  // namespace sennit::outbound
