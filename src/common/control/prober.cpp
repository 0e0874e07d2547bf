#include "control/prober.hpp"

#include <algorithm>

namespace sennit::control {

namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

// A path counts as busy for so long after the last inner packet sent on it.
constexpr base::Duration kBusyFor = seconds(1);
constexpr unsigned kProbesToGiveUp = 3;
// A path that was given up is asked often at first: most silences are short.
constexpr unsigned kProbesToReturn = 60;
// While datagrams still come in, lost echoes are more likely than a dead path.
constexpr unsigned kProbesToGiveUpWhileHearing = 8;
// What a probe and an echo of the other end's weigh on the wire, and the share of a busy path that they may
// take.
constexpr double kProbeBits = 2 * 100 * 8;
constexpr double kProbeShare = 0.005;
}  // namespace

std::uint32_t probe_clock(base::Instant now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
}

void Prober::restart() {
  last_sent_.reset();
  first_unanswered_.reset();
  unanswered_ = 0;
}

base::Duration Prober::interval(const link::Path& path) const {
  if (!path.is_usable() && !path.has_been_up()) {
    return std::min(kConnectInterval * (1U << std::min(unanswered_ / 2, 4U)), kIdleInterval);
  }
  if (!path.is_usable()) return unanswered_ < kProbesToReturn ? kConnectInterval : kIdleInterval;
  const bool is_busy = last_sent_ && path.has_sent_inner_since(*last_sent_ - kBusyFor);
  const bool is_in_doubt = unanswered_ > 0;
  if (path.is_suspect) return kBusyInterval;
  if (is_busy) return busy_interval(path);
  if (is_in_doubt) return patience(path);
  if (duty_ == ProbeDuty::kWhenSending) return base::Duration::max();
  return path.use == link::PathUse::kBackup ? kBackupInterval : kIdleInterval;
}

// Longer on a slow path, whose reports tell of its silence before probes do.
base::Duration Prober::busy_interval(const link::Path& path) const {
  const auto known = [](base::BitRate rate) {
    return rate > base::BitRate{} ? static_cast<double>(rate.bits_per_second) : 1e12;
  };
  const double slower = std::min(known(path.capacity.capacity()), known(path.capacity_rx));
  const auto affordable =
      base::Duration(static_cast<std::int64_t>(1e9 * kProbeBits / (kProbeShare * slower)));
  const auto wait = std::clamp(affordable, kBusyInterval, kSlowestBusyInterval);
  return unanswered_ > 0 ? std::min(wait, patience(path)) : wait;
}

base::Duration Prober::patience(const link::Path& path) const {
  return unanswered_ > 1 ? kBusyInterval : path.rtt.timeout(2 * kBusyInterval);
}

base::Instant Prober::next_probe(const link::Path& path) const {
  if (!path.route) return base::kNever;
  if (!last_sent_) return base::Instant::min();
  // The first inner packet after a pause is followed by a probe soon, not a second later.
  if (path.has_sent_inner_since(*last_sent_ + base::Duration(1))) return *last_sent_ + busy_interval(path);
  const auto wait = interval(path);
  return wait == base::Duration::max() ? base::kNever : *last_sent_ + wait;
}

void Prober::note_probe_sent(base::Instant now) {
  last_sent_ = now;
  if (!first_unanswered_) first_unanswered_ = now;
  ++unanswered_;
}

bool Prober::note_echo(std::uint32_t echo) {
  if (!first_unanswered_) return false;
  if (static_cast<std::int32_t>(echo - probe_clock(*first_unanswered_)) < 0) return false;
  first_unanswered_.reset();
  unanswered_ = 0;
  return true;
}

bool Prober::has_given_up(const link::Path& path, base::Instant now) const {
  if (!path.is_usable() || !first_unanswered_) return false;
  const bool is_hearing = last_heard_ > *first_unanswered_;
  if (unanswered_ < (is_hearing ? kProbesToGiveUpWhileHearing : kProbesToGiveUp)) return false;
  const auto deadline =
      std::max<base::Duration>(3 * kBusyInterval, path.rtt.timeout(kBusyInterval) + kBusyInterval);
  return now - *first_unanswered_ >= deadline;
}

}  // namespace sennit::control
