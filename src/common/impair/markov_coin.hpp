// Tosses that come true with a given probability and are correlated from one to the next, the probability
// staying what it is: a two-state Markov chain whose state is the outcome. Without correlation it is i.i.d.
// Serves loss, corruption, duplication and reordering; for loss it is the simple Gilbert model (Gilbert
// 1960). Invariant: the first toss too has the probability asked for. Reasons: docs/impairment.md,
// "Correlation".
#pragma once

#include "base/rng.hpp"
#include "impair/probability.hpp"

namespace sennit::impair {

class MarkovCoin {
 public:
  MarkovCoin() = default;
  explicit MarkovCoin(const RandomShare& random)
      : after_true_(random.share.value + random.correlation.value * (1 - random.share.value)),
        after_false_(random.share.value * (1 - random.correlation.value)),
        share_(random.share.value) {}
  // P(true) = share, in runs of `mean_run` on average; mean_run >= 1 and >= share / (1 - share).
  static MarkovCoin with_run(Probability share, double mean_run) {
    MarkovCoin coin;
    coin.after_true_ = 1 - 1 / mean_run;
    coin.after_false_ = share.value < 1 ? share.value / ((1 - share.value) * mean_run) : 1;
    coin.share_ = share.value;
    return coin;
  }

  bool toss(base::Rng& rng) {
    const double chance = !has_last_ ? share_ : last_ ? after_true_ : after_false_;
    last_ = rng.uniform() < chance;
    has_last_ = true;
    return last_;
  }
  // Whether it can come true at all.
  bool is_live() const { return share_ > 0; }
  // The probabilities of `other`, the run of outcomes going on.
  void change(const MarkovCoin& other) {
    after_true_ = other.after_true_;
    after_false_ = other.after_false_;
    share_ = other.share_;
  }

 private:
  double after_true_ = 0;
  double after_false_ = 0;
  double share_ = 0;
  bool last_ = false;
  bool has_last_ = false;
};

}  // namespace sennit::impair
