#include "impair/loss.hpp"

#include "impair/match.hpp"

namespace sennit::impair {

namespace {

MarkovCoin coin_of(const LossSettings& settings) {
  if (const auto* random = std::get_if<RandomShare>(&settings)) return MarkovCoin(*random);
  if (const auto* burst = std::get_if<BurstLoss>(&settings)) {
    return MarkovCoin::with_run(burst->share, burst->mean_burst);
  }
  return {};
}

}  // namespace

bool Loss::next(base::Rng& rng) {
  return std::visit(Match{[&](MarkovCoin& coin) { return coin.is_live() && coin.toss(rng); },
                          [&](auto& model) { return model.next(rng); }},
                    model_);
}

void Loss::change(const LossSettings& settings) {
  if (const auto* parameters = std::get_if<GilbertElliott>(&settings)) {
    const auto* model = std::get_if<GilbertElliottLoss>(&model_);
    if (model == nullptr || model->parameters() != *parameters) model_ = GilbertElliottLoss(*parameters);
    return;
  }
  if (const auto* parameters = std::get_if<FourState>(&settings)) {
    const auto* model = std::get_if<FourStateLoss>(&model_);
    if (model == nullptr || model->parameters() != *parameters) model_ = FourStateLoss(*parameters);
    return;
  }
  if (auto* coin = std::get_if<MarkovCoin>(&model_)) {
    coin->change(coin_of(settings));
  } else {
    model_ = coin_of(settings);
  }
}

Probability expected_loss(const LossSettings& settings) {
  return std::visit(
      Match{[](std::monostate) { return Probability{}; }, [](const RandomShare& loss) { return loss.share; },
            [](const BurstLoss& loss) { return loss.share; },
            [](const auto& parameters) { return parameters.expected_loss(); }},
      settings);
}

}  // namespace sennit::impair
