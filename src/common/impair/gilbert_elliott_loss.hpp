// The Gilbert-Elliott loss model (Gilbert 1960, Elliott 1963) with netem's four parameters: a good and a bad
// state, each with its own loss. A packet is judged by the state, then the state may change.
// Invariant: the first state is drawn from the stationary distribution.
#pragma once

#include "base/rng.hpp"
#include "impair/probability.hpp"

namespace sennit::impair {

struct GilbertElliott {
  Probability p = {};             // good to bad
  Probability r = {};             // bad to good
  Probability loss_in_bad = {};   // 1-h
  Probability loss_in_good = {};  // 1-k
  bool operator==(const GilbertElliott&) const = default;
  // Share of packets that meet the bad state: p / (p + r).
  double bad_share() const;
  // pi_G (1-k) + pi_B (1-h).
  Probability expected_loss() const;
};

class GilbertElliottLoss {
 public:
  explicit GilbertElliottLoss(const GilbertElliott& parameters) : parameters_(parameters) {}
  // Whether the next packet is lost.
  bool next(base::Rng& rng);
  // Other parameters from the next packet on, in the same state.
  void change(const GilbertElliott& parameters) { parameters_ = parameters; }

 private:
  enum class State { kUnknown, kGood, kBad };

  GilbertElliott parameters_;
  State state_ = State::kUnknown;
};

}  // namespace sennit::impair
