#include "impair/outage.hpp"

#include <algorithm>
#include <cmath>

namespace sennit::impair {

namespace {

// Exponential periods have no memory: after so many rounds that nobody looked at, on and off are as likely as
// at any time.
constexpr int kForgotten = 100;

}  // namespace

Outage::Outage(const OutageSettings& settings, base::Instant now, base::Rng& rng) : settings_(settings) {
  if (settings.off > base::Duration::zero()) period_end_ = now + draw(settings.on, rng);
}

base::Duration Outage::draw(base::Duration mean, base::Rng& rng) const {
  if (settings_.periods == OutagePeriods::kFixed) return mean;
  const double factor = -std::log1p(-rng.uniform());
  const double drawn = factor * static_cast<double>(mean.count());
  return std::max(base::Duration(1), base::Duration(std::llround(drawn)));
}

// To the period that `at` lies in, or to one not long before it.
void Outage::skip(base::Instant at, base::Rng& rng) {
  const auto round = settings_.on + settings_.off;
  if (settings_.periods == OutagePeriods::kFixed) {
    period_end_ += (at - period_end_) / round * round;
  } else if ((at - period_end_) / kForgotten >= round) {
    const double share_on = static_cast<double>(settings_.on.count()) / static_cast<double>(round.count());
    is_on_ = rng.uniform() < share_on;
    period_end_ = at + draw(is_on_ ? settings_.on : settings_.off, rng);
  }
}

base::Instant Outage::next_on(base::Instant at, base::Rng& rng) {
  if (at >= period_end_) skip(at, rng);
  while (at >= period_end_) {
    is_on_ = !is_on_;
    period_end_ += draw(is_on_ ? settings_.on : settings_.off, rng);
  }
  return is_on_ ? at : period_end_;
}

}  // namespace sennit::impair
