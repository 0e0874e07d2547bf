#include "impair/achieved.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sennit::impair {

namespace {
constexpr std::uint64_t kLeast = 1000;  // nanoseconds
}  // namespace

std::size_t DelayHistogram::class_of(base::Duration delay) {
  const auto units =
      static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0)) * kClassesAnOctave / kLeast;
  if (units < kClassesAnOctave) return 0;
  // The leading bit is the octave, the two behind it the class within.
  const auto octave = static_cast<std::size_t>(std::bit_width(units)) - 3;
  const std::size_t within = (units >> octave) - kClassesAnOctave;
  return std::min(1 + octave * kClassesAnOctave + within, kClassesAnOctave * kOctaves);
}

void DelayHistogram::add(base::Duration delay) {
  ++counts_[class_of(delay)];
  ++packets_;
  sum_ += delay;
}

base::Duration DelayHistogram::mean() const {
  return packets_ == 0 ? base::Duration{} : sum_ / static_cast<std::int64_t>(packets_);
}

base::Duration DelayHistogram::quantile(double part) const {
  const double wanted = part * static_cast<double>(packets_);
  double seen = 0;
  std::size_t index = 0;
  while (index + 1 < counts_.size() && seen + counts_[index] < wanted) seen += counts_[index++];
  if (index == 0) return {};
  const auto octave = (index - 1) / kClassesAnOctave;
  const double within = static_cast<double>((index - 1) % kClassesAnOctave);
  const double share = counts_[index] > 0 ? (wanted - seen) / counts_[index] : 0;
  const double units = std::exp2(static_cast<double>(octave)) * (1 + (within + share) / kClassesAnOctave);
  return base::Duration(std::llround(units * static_cast<double>(kLeast)));
}

}  // namespace sennit::impair
