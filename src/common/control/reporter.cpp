#include "control/reporter.hpp"

#include <algorithm>

#include "control/prober.hpp"

namespace sennit::control {

namespace {

// Marks are spread over a report's interval.
constexpr base::Duration kMarkSpacing = Reporter::kInterval / wire::Report::kMaxMarks;
// Gaps further back are no longer worth sending again.
constexpr std::uint64_t kLookBack = 2048;
constexpr std::uint64_t kLongestRun = 0xFF;
// What a report weighs on the wire, and the share of the way back that reports may take.
constexpr double kReportBits = 120 * 8;
constexpr double kReportShare = 0.02;

base::Duration interval_for(base::BitRate reverse) {
  if (reverse.bits_per_second == 0) return Reporter::kInterval;
  const double seconds = kReportBits / (kReportShare * static_cast<double>(reverse.bits_per_second));
  const auto affordable = base::Duration(static_cast<std::int64_t>(seconds * 1e9));
  return std::clamp(affordable, Reporter::kInterval, Reporter::kSlowest);
}

}  // namespace

void Reporter::note_arrival(std::uint64_t counter, base::Bytes payload, crypto::ReplayWindow::Verdict verdict,
                            base::Instant now) {
  received_bytes_ += static_cast<std::uint32_t>(payload.value);
  if (verdict != crypto::ReplayWindow::Verdict::kNewest) {
    // It had been reported as missing, and only came late: be more patient.
    if (counter < reported_gap_) disorder_ = std::min(2 * disorder_, kMostDisorder);
    return;
  }
  if (counter > highest_ + 1) {
    gap_begin_ = highest_ + 1;
    gap_end_ = counter;
    note_gap(now);
  }
  highest_ = counter;
  highest_at_ = now;
  note_mark(counter, now);
}

void Reporter::note_gap(base::Instant now) {
  gap_at_ = now;
  const auto earliest =
      last_report_ == base::Instant::min() ? now : std::max(now, last_report_ + kGapSpacing);
  next_report_ = std::min(next_report_, std::max(earliest, now + disorder_));
}

void Reporter::note_mark(std::uint64_t counter, base::Instant now) {
  if (mark_count_ > 0 && now - marks_[mark_count_ - 1].at < kMarkSpacing) return;
  if (mark_count_ == marks_.size()) return;
  marks_[mark_count_++] = {counter, now};
}

void Reporter::note_inner(base::BitRate reverse, base::Instant now) {
  if (next_report_ < now + kInterval) return;
  const auto interval = interval_for(reverse);
  const auto due = last_report_ == base::Instant::min() ? now : std::max(now, last_report_ + interval);
  next_report_ = std::min(next_report_, std::max(due, now + kInterval / 4));
}

// A gap that is too young to be told would call for another report soon.
bool Reporter::goes_along(base::Instant now) const {
  if (next_report_ == base::kNever || last_report_ == base::Instant::min()) return false;
  return gap_end_ <= reported_gap_ && now - last_report_ >= next_report_ - now;
}

wire::Report Reporter::make(base::PathId path, const crypto::ReplayWindow& window, base::Instant now) {
  wire::Report report;
  report.path = path;
  report.highest = static_cast<std::uint32_t>(highest_);
  report.arrived_at = probe_clock(highest_at_);
  report.hold = probe_clock(now) - report.arrived_at;
  report.received = static_cast<std::uint32_t>(window.received());
  report.received_bytes = received_bytes_;
  add_marks(report);
  add_missing(report, window, now);
  disorder_ = std::max<base::Duration>(kFirstDisorder, disorder_ * 63 / 64);
  mark_count_ = 0;
  last_report_ = now;
  next_report_ = base::kNever;
  if (gap_end_ > reported_gap_) {
    if (now - gap_at_ >= disorder_) {
      reported_gap_ = gap_end_;
    } else {
      next_report_ = std::max(gap_at_ + disorder_, now + kGapSpacing);
    }
  }
  return report;
}

void Reporter::add_marks(wire::Report& report) const {
  for (std::size_t i = 0; i < mark_count_; ++i) {
    const auto behind = highest_ - marks_[i].counter;
    const auto before = probe_clock(highest_at_) - probe_clock(marks_[i].at);
    const auto units = before / wire::ArrivalMark::kMicroseconds;
    if (behind > 0xFFFF || units > 0xFFFF) continue;
    report.add(wire::ArrivalMark{static_cast<std::uint16_t>(behind), static_cast<std::uint16_t>(units)});
  }
}

// Newest first: they are worth most. What is too young to be lost is left out.
void Reporter::add_missing(wire::Report& report, const crypto::ReplayWindow& window,
                           base::Instant now) const {
  const bool is_young = gap_end_ > reported_gap_ && now - gap_at_ < disorder_;
  const auto lowest = highest_ > kLookBack ? highest_ - kLookBack : 0;
  auto counter = is_young ? std::min(highest_, gap_begin_) : highest_;
  while (counter > lowest) {
    --counter;
    if (!window.is_fresh(counter)) continue;
    const auto last = counter;
    while (counter > lowest && last - counter + 1 < kLongestRun && window.is_fresh(counter - 1)) --counter;
    const auto behind = highest_ - counter;
    const wire::MissingRun run{static_cast<std::uint16_t>(behind),
                               static_cast<std::uint8_t>(last - counter + 1)};
    if (!report.add(run)) return;
  }
}

}  // namespace sennit::control
