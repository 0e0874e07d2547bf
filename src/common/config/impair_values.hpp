// The values of single impairment options, as users write them: `32+atm`, `200packets`, `5s/1s exponential`.
// impair_options knows which key takes which. Values of several words are divided by blanks or commas.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "config/parsed.hpp"
#include "impair/settings.hpp"

namespace sennit::config {

using LossModel = std::variant<impair::GilbertElliott, impair::FourState>;

// A delay, jitter or period: 0 s to 1 h.
Parsed<base::Duration> parse_span(std::string_view text);
Parsed<impair::Probability> parse_probability(std::string_view text);
// A correlation: below 100 %, where nothing would ever change.
Parsed<impair::Probability> parse_correlation(std::string_view text);
// A mean number of packets, 1 to 1000000; may have a fraction.
Parsed<double> parse_burst_length(std::string_view text);
// `250ms`, `64kB` or `200packets`.
Parsed<impair::QueueLimit> parse_queue_limit(std::string_view text);
// A name, or bytes with `+atm`, `+ptm` and `+leastN` as wanted: `32+atm`, `38+least84`.
Parsed<impair::Overhead> parse_overhead(std::string_view text);
// `gilbert-elliott P R 1-H 1-K` or `states P13 P31 P32 P23 P14`; netem's defaults for what is left out.
Parsed<LossModel> parse_loss_model(std::string_view text);
// `bit`, `bits N`, `bytes N`; `packet`, `header`, `payload`; `repaired`.
Parsed<impair::DamageMode> parse_damage_mode(std::string_view text);
// `ON/OFF`, then `exponential` and `hold` as wanted.
Parsed<impair::OutageSettings> parse_outage(std::string_view text);
// `LEAST [MOST] [packets N] [bytes SIZE]`.
Parsed<impair::SlotSettings> parse_slot(std::string_view text);
Parsed<std::uint64_t> parse_seed(std::string_view text);

// The words of a value, divided by blanks or commas.
std::vector<std::string_view> words_of(std::string_view text);

}  // namespace sennit::config
