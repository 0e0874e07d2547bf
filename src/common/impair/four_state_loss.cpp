#include "impair/four_state_loss.hpp"

namespace sennit::impair {

Probability FourState::expected_loss() const {
  // In units of the share of state 1; a state that is never left takes everything.
  if (p13.value == 0) return {p14.value / (1 + p14.value)};
  if (p31.value == 0 && p32.value == 0) return {1};
  if (p32.value > 0 && p23.value == 0) return {0};
  if (p31.value == 0) return {p23.value / (p23.value + p32.value)};
  const double third = p13.value / p31.value;
  const double second = p32.value > 0 ? third * p32.value / p23.value : 0;
  const double whole = 1 + second + third + p14.value;
  return {(third + p14.value) / whole};
}

FourStateLoss::State FourStateLoss::after(base::Rng& rng) const {
  const double u = rng.uniform();
  switch (state_) {
    case State::kReceivedInGap:
      if (u < parameters_.p14.value) return State::kLostAlone;
      return u < parameters_.p14.value + parameters_.p13.value ? State::kLostInBurst : State::kReceivedInGap;
    case State::kReceivedInBurst:
      return u < parameters_.p23.value ? State::kLostInBurst : State::kReceivedInBurst;
    case State::kLostInBurst:
      if (u < parameters_.p32.value) return State::kReceivedInBurst;
      return u < parameters_.p32.value + parameters_.p31.value ? State::kReceivedInGap : State::kLostInBurst;
    case State::kLostAlone: break;
  }
  return State::kReceivedInGap;
}

bool FourStateLoss::next(base::Rng& rng) {
  state_ = after(rng);
  return state_ == State::kLostInBurst || state_ == State::kLostAlone;
}

}  // namespace sennit::impair
