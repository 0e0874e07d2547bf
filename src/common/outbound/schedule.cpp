#include "outbound/schedule.hpp"

#include <algorithm>

#include "outbound/seal.hpp"
#include "wire/frames.hpp"

namespace sennit::outbound {

namespace {

// Bytes that a path of average weight may send before its turn ends: two full packets.
constexpr double kQuantum = 3000;

// The order of `failover`: cheapest first, then as configured.
bool comes_first(const link::Path* a, const link::Path* b) {
  return a->cost != b->cost ? a->cost < b->cost : a->id < b->id;
}

// A path whose rate is not told weighs as much as the mean of those told, or as any other.
double mean_told_rate(std::span<link::Path* const> paths) {
  double sum = 0;
  double told = 0;
  for (const auto* path : paths) {
    if (path->told_rate.bits_per_second == 0) continue;
    sum += static_cast<double>(path->told_rate.bits_per_second);
    told += 1;
  }
  return told > 0 ? sum / told : 1.0;
}

double weight_of(const link::Path& path, double mean) {
  const auto rate = path.told_rate.bits_per_second;
  return rate == 0 ? 1.0 : static_cast<double>(rate) / mean;
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

bool any_usable(std::span<link::Path* const> paths) {
  return std::ranges::any_of(paths, [](const link::Path* path) { return path->is_usable(); });
}

Choice Scheduler::candidates(std::span<link::Path* const> paths, base::Bytes inner_size) const {
  const auto fits = [&](const link::Path* path) {
    return path->is_usable() && largest_inner(*path) >= inner_size;
  };
  const bool has_regular = std::ranges::any_of(paths, [&](const link::Path* path) {
    return path->use == link::PathUse::kAlways && path->is_usable();
  });
  Choice choice;
  for (auto* path : paths) {
    const bool in_reserve = path->use == link::PathUse::kBackup && has_regular && mode_ != Mode::kRedundant;
    if (fits(path) && !in_reserve) choice.add(*path);
  }
  return choice;
}

base::Bytes Scheduler::largest_in_use(std::span<link::Path* const> paths) const {
  base::Bytes largest;
  const Choice in_use = candidates(paths, {});
  for (const auto* path : in_use.paths()) largest = std::max(largest, largest_inner(*path));
  return largest;
}

Choice Scheduler::choose(std::span<link::Path* const> paths, base::FlowBucket bucket,
                         base::Bytes inner_size) {
  const Choice possible = candidates(paths, inner_size);
  if (possible.empty() || mode_ == Mode::kRedundant) return possible;
  Choice one;
  switch (mode_) {
    case Mode::kAggregate: one.add(next_by_weight(possible.paths(), inner_size)); break;
    case Mode::kFlow:
      one.add(**std::ranges::max_element(possible.paths(), {},
                                         [&](const link::Path* path) { return affinity(bucket, path->id); }));
      break;
    case Mode::kFailover: one.add(**std::ranges::min_element(possible.paths(), comes_first)); break;
    case Mode::kRedundant: break;
  }
  return one;
}

link::Path& Scheduler::next_by_weight(std::span<link::Path* const> paths, base::Bytes size) {
  if (paths.size() == 1) return *paths.front();
  const double mean = mean_told_rate(paths);
  // Deficit round robin (Shreedhar, Varghese 1995): every turn adds a quantum, every packet takes its size.
  for (;;) {
    link::Path& path = *paths[turn_ % paths.size()];
    auto& credit = credit_[path.id.value];
    if (credit > 0) {
      credit -= static_cast<std::int64_t>(size.value);
      return path;
    }
    ++turn_;
    auto& next = credit_[paths[turn_ % paths.size()]->id.value];
    next = std::min(next, std::int64_t{0}) +
           std::max(std::int64_t{1},
                    static_cast<std::int64_t>(kQuantum * weight_of(*paths[turn_ % paths.size()], mean)));
  }
}

}  // namespace sennit::outbound
