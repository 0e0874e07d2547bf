#include "impair/outage.hpp"

#include <algorithm>
#include <cmath>

namespace sennit::impair {

Outage::Outage(const OutageSettings& settings, base::Instant now, base::Rng& rng) : settings_(settings) {
  if (settings.off > base::Duration::zero()) period_end_ = now + draw(settings.on, rng);
}

base::Duration Outage::draw(base::Duration mean, base::Rng& rng) const {
  if (settings_.periods == OutagePeriods::kFixed) return mean;
  const double factor = -std::log1p(-rng.uniform());
  const double drawn = factor * static_cast<double>(mean.count());
  return std::max(base::Duration(1), base::Duration(std::llround(drawn)));
}

base::Instant Outage::next_on(base::Instant at, base::Rng& rng) {
  if (settings_.periods == OutagePeriods::kFixed && at >= period_end_) {
    const auto round = settings_.on + settings_.off;
    period_end_ += (at - period_end_) / round * round;
  }
  while (at >= period_end_) {
    is_on_ = !is_on_;
    period_end_ += draw(is_on_ ? settings_.on : settings_.off, rng);
  }
  return is_on_ ? at : period_end_;
}

}  // namespace sennit::impair
