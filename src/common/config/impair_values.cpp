#include "config/impair_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "config/impair_words.hpp"
#include "config/values.hpp"

namespace sennit::config {

namespace {

using std::chrono::hours;

constexpr base::Duration kLongestSpan = hours(1);
constexpr std::uint32_t kMostPackets = 1'000'000;
constexpr std::string_view kSpanForm = "0s to 1h with the unit us, ms, s, m or h, as in 20ms";
constexpr std::string_view kQueueForm =
    "a duration, a size or a number of packets, as in 250ms, 64kB or 200packets";
constexpr std::string_view kLossModelForm =
    "gilbert-elliott P [R [1-H [1-K]]] or states P13 [P31 [P32 [P23 [P14]]]] with shares, as in "
    "gilbert-elliott 1% 20%; "
    "P13 + P14 and P31 + P32 at most 100%";
constexpr std::string_view kDamageForm =
    "bit, bits N or bytes N with N of 1 to 1000, then packet, header or payload, then repaired, as in bits 3 "
    "payload";
constexpr std::string_view kOutageForm =
    "ON/OFF with both above 0s and up to 1h, then fixed or exponential, then drop or hold, as in 10s/500ms "
    "exponential";
constexpr std::string_view kSlotForm =
    "LEAST [MOST] [packets N] [bytes SIZE] with MOST above 0s and not below LEAST, as in 10ms 20ms packets "
    "16";

Invalid refuse(std::string_view text, std::string_view why, std::string_view allowed) {
  return {"'" + std::string(text) + "' " + std::string(why), std::string(allowed)};
}

std::string overhead_form() {
  std::string form;
  for (const auto& [name, overhead] : impair::named_overheads()) form += std::string(name) + ", ";
  return form + "or bytes of -64 to 256 with +atm, +ptm or +leastN, as in 32+atm";
}

template <class Integer>
std::optional<Integer> whole_number(std::string_view text, Integer lowest, Integer highest) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || value < lowest || value > highest) return std::nullopt;
  return value;
}

// Takes `prefix` off the text, if it stands there.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Words that are taken one after another, where each may be absent.
class Words {
 public:
  explicit Words(std::string_view text) : words_(words_of(text)) {}
  bool empty() const { return next_ == words_.size(); }
  std::string_view take() { return empty() ? std::string_view{} : words_[next_++]; }
  // Takes the next word if it is one of these; leaves `value` alone otherwise.
  template <class Value, std::size_t N>
  void take_if(const std::array<ImpairWord<Value>, N>& known, Value& value) {
    if (empty()) return;
    const auto found = value_of(words_[next_], known);
    if (!found) return;
    value = *found;
    ++next_;
  }
  bool take_if(std::string_view word) {
    if (empty() || words_[next_] != word) return false;
    ++next_;
    return true;
  }
  std::string_view peek() const { return empty() ? std::string_view{} : words_[next_]; }

 private:
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
};

// The next words as shares, over the defaults; false when one is not a share.
bool take_shares(Words& words, std::initializer_list<impair::Probability*> shares) {
  for (auto* share : shares) {
    if (words.empty()) return true;
    const auto parsed = parse_share(words.take());
    if (!parsed) return false;
    share->value = parsed->fraction;
  }
  return words.empty();
}

std::optional<LossModel> gilbert_elliott(Words& words) {
  impair::GilbertElliott model{.loss_in_bad = {1}};
  const auto first = words.peek();
  if (const auto p = parse_share(first)) model.r.value = 1 - p->fraction;
  if (first.empty() || !take_shares(words, {&model.p, &model.r, &model.loss_in_bad, &model.loss_in_good})) {
    return std::nullopt;
  }
  return model;
}

std::optional<LossModel> four_state(Words& words) {
  impair::FourState model{.p23 = {1}};
  const auto first = words.peek();
  if (const auto p13 = parse_share(first)) model.p31.value = 1 - p13->fraction;
  if (first.empty() || !take_shares(words, {&model.p13, &model.p31, &model.p32, &model.p23, &model.p14})) {
    return std::nullopt;
  }
  constexpr double kRounding = 1e-9;
  const bool is_possible = model.p13.value + model.p14.value <= 1 + kRounding &&
                           model.p31.value + model.p32.value <= 1 + kRounding;
  return is_possible ? std::optional<LossModel>(model) : std::nullopt;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBetween = " \t,";
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    words.push_back(text.substr(0, text.find_first_of(kBetween)));
    text.remove_prefix(words.back().size());
  }
}

Parsed<base::Duration> parse_span(std::string_view text) {
  auto span = parse_duration(text);
  if (!span) return Invalid{span.invalid().wrong, std::string(kSpanForm)};
  if (*span > kLongestSpan) return refuse(text, "is out of range", kSpanForm);
  return span;
}

Parsed<impair::Probability> parse_probability(std::string_view text) {
  const auto share = parse_share(text);
  if (!share) return share.invalid();
  return impair::Probability{share->fraction};
}

Parsed<impair::Probability> parse_correlation(std::string_view text) {
  constexpr std::string_view kForm = "0% to 99.99%, as in 25%";
  const auto share = parse_share(text);
  if (!share) return Invalid{share.invalid().wrong, std::string(kForm)};
  if (share->fraction > 0.9999) return refuse(text, "is out of range", kForm);
  return impair::Probability{share->fraction};
}

Parsed<double> parse_burst_length(std::string_view text) {
  constexpr std::string_view kForm = "a mean number of packets of 1 to 1000000, as in 2.5";
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return refuse(text, "is not a number", kForm);
  if (!(value >= 1 && value <= kMostPackets)) return refuse(text, "is out of range", kForm);
  return value;
}

Parsed<impair::QueueLimit> parse_queue_limit(std::string_view text) {
  constexpr std::string_view kPackets = "packets";
  if (text.ends_with(kPackets)) {
    const auto count =
        whole_number<std::uint32_t>(text.substr(0, text.size() - kPackets.size()), 1, kMostPackets);
    if (!count) return refuse(text, "is not 1packets to 1000000packets", kQueueForm);
    return impair::QueueLimit{impair::Packets{*count}};
  }
  if (const auto span = parse_span(text)) return impair::QueueLimit{*span};
  if (const auto size = parse_size(text)) return impair::QueueLimit{*size};
  return refuse(text, "is not the limit of a queue", kQueueForm);
}

Parsed<impair::Overhead> parse_overhead(std::string_view text) {
  const auto all = impair::named_overheads();
  const auto named = std::ranges::find(all, text, &impair::NamedOverhead::name);
  if (named != all.end()) return named->overhead;
  impair::Overhead overhead;
  auto rest = text;
  const auto plus = std::min(rest.find('+'), rest.size());
  const auto bytes = whole_number<std::int32_t>(rest.substr(0, plus), -64, 256);
  if (!bytes) return refuse(text, "is not an overhead", overhead_form());
  overhead.bytes = *bytes;
  for (rest.remove_prefix(plus); take_prefix(rest, "+");) {
    auto part = rest.substr(0, rest.find('+'));
    rest.remove_prefix(part.size());
    const auto framing = value_of(part, kFramingWords);
    const auto least = take_prefix(part, "least") ? whole_number<std::uint32_t>(part, 1, 1500) : std::nullopt;
    if (!framing && !least) return refuse(text, "is not an overhead", overhead_form());
    overhead.framing = framing.value_or(overhead.framing);
    overhead.least = least.value_or(overhead.least);
  }
  return overhead;
}

Parsed<LossModel> parse_loss_model(std::string_view text) {
  Words words(text);
  const auto name = words.take();
  std::optional<LossModel> model;
  if (name == "gilbert-elliott") model = gilbert_elliott(words);
  if (name == "states") model = four_state(words);
  if (!model) return refuse(text, "is not a loss model", kLossModelForm);
  return *model;
}

Parsed<impair::DamageMode> parse_damage_mode(std::string_view text) {
  impair::DamageMode mode;
  Words words(text);
  const bool is_bytes = words.peek() == "bytes";
  if (is_bytes || words.peek() == "bits") {
    words.take();
    const auto count = whole_number<std::uint16_t>(words.take(), 1, 1000);
    if (!count) return refuse(text, "does not say how many", kDamageForm);
    mode.unit = is_bytes ? impair::DamageUnit::kBytes : impair::DamageUnit::kBits;
    mode.count = *count;
  } else {
    words.take_if("bit");
  }
  words.take_if(kRegionWords, mode.region);
  if (words.take_if("repaired")) mode.checksums = impair::Checksums::kRepaired;
  if (text.empty() || !words.empty()) return refuse(text, "is not a way to corrupt", kDamageForm);
  return mode;
}

Parsed<impair::OutageSettings> parse_outage(std::string_view text) {
  Words words(text);
  const auto periods = words.take();
  const auto slash = periods.find('/');
  if (slash == std::string_view::npos) return refuse(text, "is not an outage", kOutageForm);
  const auto on = parse_span(periods.substr(0, slash));
  const auto off = parse_span(periods.substr(slash + 1));
  if (!on || !off || *on == base::Duration{} || *off == base::Duration{}) {
    return refuse(text, "is not an outage", kOutageForm);
  }
  impair::OutageSettings outage{.on = *on, .off = *off};
  words.take_if(kPeriodWords, outage.periods);
  words.take_if(kEffectWords, outage.effect);
  if (!words.empty()) return refuse(text, "is not an outage", kOutageForm);
  return outage;
}

Parsed<impair::SlotSettings> parse_slot(std::string_view text) {
  const auto wrong = [&] { return refuse(text, "is not a slot", kSlotForm); };
  Words words(text);
  const auto least = parse_span(words.take());
  if (!least) return wrong();
  impair::SlotSettings slot{.least = *least, .most = *least};
  if (const auto most = parse_span(words.peek())) {
    slot.most = *most;
    words.take();
  }
  if (words.take_if("packets")) {
    const auto packets = whole_number<std::uint32_t>(words.take(), 1, kMostPackets);
    if (!packets) return wrong();
    slot.packets = *packets;
  }
  if (words.take_if("bytes")) {
    const auto size = parse_size(words.take());
    if (!size || *size == base::Bytes{}) return wrong();
    slot.bytes = *size;
  }
  if (!words.empty() || slot.most < slot.least || slot.most == base::Duration{}) return wrong();
  return slot;
}

Parsed<std::uint64_t> parse_seed(std::string_view text) {
  const auto seed = whole_number<std::uint64_t>(text, 0, std::numeric_limits<std::uint64_t>::max());
  if (!seed) return refuse(text, "is not a seed", "a whole number of 0 to 18446744073709551615");
  return *seed;
}

}  // namespace sennit::config
