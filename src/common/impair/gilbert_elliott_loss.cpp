#include "impair/gilbert_elliott_loss.hpp"

namespace sennit::impair {

double GilbertElliott::bad_share() const {
  const double sum = p.value + r.value;
  return sum > 0 ? p.value / sum : 0;
}

Probability GilbertElliott::expected_loss() const {
  const double bad = bad_share();
  return {(1 - bad) * loss_in_good.value + bad * loss_in_bad.value};
}

bool GilbertElliottLoss::next(base::Rng& rng) {
  if (state_ == State::kUnknown) {
    state_ = rng.uniform() < parameters_.bad_share() ? State::kBad : State::kGood;
  }
  const bool is_bad = state_ == State::kBad;
  const bool is_lost = rng.uniform() < (is_bad ? parameters_.loss_in_bad : parameters_.loss_in_good).value;
  const bool changes = rng.uniform() < (is_bad ? parameters_.r : parameters_.p).value;
  if (changes) state_ = is_bad ? State::kGood : State::kBad;
  return is_lost;
}

}  // namespace sennit::impair
