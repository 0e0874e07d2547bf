// Theory of operation: a Draft collects what the keys say, each by the function that kKeys names for it; then
// kRules says which keys cannot stand alone or together; then the draft is put together.
#include "config/impair_options.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>

#include "config/impair_values.hpp"
#include "config/impair_words.hpp"
#include "config/nearest.hpp"
#include "config/values.hpp"

namespace sennit::config {

namespace {

struct Draft {
  impair::Settings settings = {};
  impair::RandomShare loss = {};
  std::optional<double> loss_burst = {};
  std::optional<LossModel> loss_model = {};
  std::set<std::string, std::less<>> given = {};
  const ReadFile* read = nullptr;
};

// Why the value was refused, or nothing.
using Outcome = std::optional<Invalid>;

template <class Value, class Target>
Outcome keep(const Parsed<Value>& parsed, Target& target) {
  if (!parsed) return parsed.invalid();
  target = *parsed;
  return {};
}

template <class Value, std::size_t N>
Outcome keep_word(std::string_view text, const std::array<ImpairWord<Value>, N>& words, Value& target) {
  const auto value = value_of(text, words);
  if (!value) return Invalid{"'" + std::string(text) + "' is not known", list_of(words)};
  target = *value;
  return {};
}

// Reads the file and what is in it.
template <class Content>
Outcome keep_file(Draft& draft, std::string_view path, std::string_view allowed,
                  std::shared_ptr<const Content>& target, std::string& name) {
  const auto text = (*draft.read)(std::string(path));
  if (!text) return text.invalid();
  auto content = Content::parse(*text);
  if (const auto* refusal = std::get_if<impair::Refusal>(&content)) {
    return Invalid{"'" + std::string(path) + "': " + refusal->why, std::string(allowed)};
  }
  target = std::make_shared<const Content>(std::move(std::get<Content>(content)));
  name = path;
  return {};
}

Outcome keep_distribution(Draft& draft, std::string_view text) {
  auto& delay = draft.settings.delay;
  if (text.find('/') == std::string_view::npos && !text.ends_with(".dist")) {
    auto outcome = keep_word(text, kDistributionWords, delay.distribution);
    if (outcome) outcome->allowed += ", or the path of a .dist file of iproute2";
    return outcome;
  }
  delay.distribution = impair::Distribution::kTable;
  return keep_file(draft, text, "a .dist file of iproute2", delay.table, draft.settings.distribution_file);
}

Outcome keep_rate(std::string_view text, base::BitRate& target) {
  return keep(parse_rate(text), target);
}

Outcome keep_burst(std::string_view text, base::Bytes& target) {
  auto outcome = keep(parse_size(text), target);
  if (outcome || (target >= base::Bytes{1} && target <= base::Bytes{1'000'000'000})) return outcome;
  return Invalid{"'" + std::string(text) + "' is out of range", "1B to 1GB, as in 15kB"};
}

struct Key {
  std::string_view name;
  Outcome (*apply)(Draft& draft, std::string_view text);
};

constexpr std::array kKeys{
    Key{"rate", [](Draft& d, std::string_view t) { return keep_rate(t, d.settings.rate.rate); }},
    Key{"burst", [](Draft& d, std::string_view t) { return keep_burst(t, d.settings.rate.burst); }},
    Key{"peak", [](Draft& d, std::string_view t) { return keep_rate(t, d.settings.rate.peak); }},
    Key{"trace",
        [](Draft& d, std::string_view t) {
          return keep_file(d, t, "a mahimahi trace", d.settings.rate.trace, d.settings.trace_file);
        }},
    Key{"overhead",
        [](Draft& d, std::string_view t) { return keep(parse_overhead(t), d.settings.overhead); }},
    Key{"queue",
        [](Draft& d, std::string_view t) { return keep(parse_queue_limit(t), d.settings.queue_limit); }},
    Key{"aqm", [](Draft& d, std::string_view t) { return keep_word(t, kAqmWords, d.settings.aqm); }},
    Key{"ecn", [](Draft& d, std::string_view t) { return keep_word(t, kEcnWords, d.settings.ecn); }},
    Key{"delay", [](Draft& d, std::string_view t) { return keep(parse_span(t), d.settings.delay.delay); }},
    Key{"jitter", [](Draft& d, std::string_view t) { return keep(parse_span(t), d.settings.delay.jitter); }},
    Key{"distribution", [](Draft& d, std::string_view t) { return keep_distribution(d, t); }},
    Key{"delay-correlation",
        [](Draft& d, std::string_view t) {
          return keep(parse_correlation(t), d.settings.delay.correlation);
        }},
    Key{"loss", [](Draft& d, std::string_view t) { return keep(parse_probability(t), d.loss.share); }},
    Key{"loss-correlation",
        [](Draft& d, std::string_view t) { return keep(parse_correlation(t), d.loss.correlation); }},
    Key{"loss-burst", [](Draft& d, std::string_view t) { return keep(parse_burst_length(t), d.loss_burst); }},
    Key{"loss-model", [](Draft& d, std::string_view t) { return keep(parse_loss_model(t), d.loss_model); }},
    Key{"corrupt",
        [](Draft& d, std::string_view t) {
          return keep(parse_probability(t), d.settings.corrupt.random.share);
        }},
    Key{"corrupt-correlation",
        [](Draft& d, std::string_view t) {
          return keep(parse_correlation(t), d.settings.corrupt.random.correlation);
        }},
    Key{"corrupt-mode",
        [](Draft& d, std::string_view t) { return keep(parse_damage_mode(t), d.settings.corrupt.mode); }},
    Key{"duplicate",
        [](Draft& d, std::string_view t) { return keep(parse_probability(t), d.settings.duplicate.share); }},
    Key{"duplicate-correlation",
        [](Draft& d, std::string_view t) {
          return keep(parse_correlation(t), d.settings.duplicate.correlation);
        }},
    Key{"reorder",
        [](Draft& d, std::string_view t) {
          return keep(parse_probability(t), d.settings.reorder.random.share);
        }},
    Key{"reorder-correlation",
        [](Draft& d, std::string_view t) {
          return keep(parse_correlation(t), d.settings.reorder.random.correlation);
        }},
    Key{"reorder-gap",
        [](Draft& d, std::string_view t) {
          return keep(parse_count(t, "a number of packets", 1, 1'000'000), d.settings.reorder.gap);
        }},
    Key{"outage", [](Draft& d, std::string_view t) { return keep(parse_outage(t), d.settings.outage); }},
    Key{"slot", [](Draft& d, std::string_view t) { return keep(parse_slot(t), d.settings.slot); }},
    Key{"order", [](Draft& d, std::string_view t) { return keep_word(t, kOrderWords, d.settings.order); }},
    Key{"seed", [](Draft& d, std::string_view t) { return keep(parse_seed(t), d.settings.seed); }},
};

bool is_netem(const Draft& draft) {
  return draft.settings.order == impair::Order::kNetem;
}

bool has_line(const Draft& draft) {
  return draft.given.contains("rate") || draft.given.contains("trace");
}

// When `key` is given and `is_broken`, it is refused: `wrong`; `allowed`.
struct Rule {
  std::string_view key;
  bool (*is_broken)(const Draft& draft);
  std::string_view wrong;
  std::string_view allowed;
};

constexpr std::array kRules{
    Rule{"burst", [](const Draft& d) { return !d.given.contains("rate"); }, "there is no rate",
         "burst together with rate"},
    Rule{"peak", [](const Draft& d) { return !d.given.contains("burst"); }, "there is no burst to limit",
         "peak together with rate and burst"},
    Rule{"peak", [](const Draft& d) { return d.settings.rate.peak < d.settings.rate.rate; },
         "it is below the rate", "a rate not below that of rate"},
    Rule{"trace", [](const Draft& d) { return d.given.contains("rate"); }, "there is a rate too",
         "either trace or rate"},
    Rule{"overhead", [](const Draft& d) { return !has_line(d); }, "there is no rate for it to use up",
         "overhead together with rate or trace"},
    Rule{"aqm", [](const Draft& d) { return !has_line(d); }, "there is no rate to queue for",
         "aqm together with rate or trace"},
    Rule{"queue",
         [](const Draft& d) {
           return !has_line(d) && !is_netem(d) && d.settings.outage.effect != impair::OutageEffect::kHold;
         },
         "there is no rate to queue for", "queue together with rate or trace"},
    Rule{"jitter", [](const Draft& d) { return d.settings.delay.delay == base::Duration{}; },
         "there is no delay to vary", "jitter together with delay"},
    Rule{"distribution", [](const Draft& d) { return !d.given.contains("jitter"); },
         "there is no jitter to distribute", "distribution together with jitter"},
    Rule{"delay-correlation", [](const Draft& d) { return !d.given.contains("jitter"); },
         "there is no jitter to correlate", "delay-correlation together with jitter"},
    Rule{"loss-correlation", [](const Draft& d) { return !d.given.contains("loss"); }, "there is no loss",
         "loss-correlation together with loss"},
    Rule{"loss-burst", [](const Draft& d) { return !d.given.contains("loss"); }, "there is no loss",
         "loss-burst together with loss"},
    Rule{"loss-burst", [](const Draft& d) { return d.given.contains("loss-correlation"); },
         "there is a loss-correlation too", "either loss-burst or loss-correlation"},
    Rule{"loss-burst",
         [](const Draft& d) {
           return d.loss.share.value < 1 && *d.loss_burst < d.loss.share.value / (1 - d.loss.share.value);
         },
         "so much loss comes in longer bursts", "at least loss / (100% - loss)"},
    Rule{"loss-model", [](const Draft& d) { return d.given.contains("loss"); }, "there is a loss too",
         "either loss or loss-model"},
    Rule{"corrupt-correlation", [](const Draft& d) { return !d.given.contains("corrupt"); },
         "nothing is corrupted", "corrupt-correlation together with corrupt"},
    Rule{"corrupt-mode", [](const Draft& d) { return !d.given.contains("corrupt"); }, "nothing is corrupted",
         "corrupt-mode together with corrupt"},
    Rule{"duplicate-correlation", [](const Draft& d) { return !d.given.contains("duplicate"); },
         "nothing is duplicated", "duplicate-correlation together with duplicate"},
    Rule{"reorder", [](const Draft& d) { return d.settings.delay.delay == base::Duration{}; },
         "there is no delay that a packet could be spared", "reorder together with delay"},
    Rule{"reorder-correlation", [](const Draft& d) { return !d.given.contains("reorder"); },
         "nothing is reordered", "reorder-correlation together with reorder"},
    Rule{"reorder-gap", [](const Draft& d) { return !d.given.contains("reorder"); }, "nothing is reordered",
         "reorder-gap together with reorder"},
    Rule{"burst", is_netem, "netem has no token bucket", "burst with order=link"},
    Rule{"trace", is_netem, "netem has no traces", "trace with order=link"},
    Rule{"outage", is_netem, "netem has no outages", "outage with order=link"},
    Rule{"aqm", [](const Draft& d) { return is_netem(d) && d.settings.aqm != impair::Aqm::kDropTail; },
         "netem's queue is droptail", "aqm with order=link"},
    Rule{"queue",
         [](const Draft& d) {
           return is_netem(d) && !std::holds_alternative<impair::Packets>(d.settings.queue_limit);
         },
         "netem limits packets", "a number of packets with order=netem, as in 1000packets"},
};

Invalid about(std::string_view key, const Invalid& invalid) {
  return {std::string(key) + ": " + invalid.wrong, invalid.allowed};
}

Outcome apply(Draft& draft, const KeyAndValue& given) {
  const auto& [name, value] = given;
  const auto key = std::ranges::find(kKeys, std::string_view(name), &Key::name);
  if (key == kKeys.end()) {
    const auto& known = impairment_keys();
    return Invalid{"'" + name + "' is not an impairment option" + guess(name, known), join_words(known)};
  }
  if (!draft.given.insert(name).second) return Invalid{name + ": it is given twice", "each key once"};
  const auto outcome = key->apply(draft, value);
  if (!outcome) return {};
  return about(name, *outcome);
}

// The first of each key.
std::vector<RefusedOption> broken_rules(const Draft& draft) {
  std::vector<RefusedOption> broken;
  for (const auto& rule : kRules) {
    const bool is_known = std::ranges::find(broken, rule.key, &RefusedOption::key) != broken.end();
    if (is_known || !draft.given.contains(rule.key) || !rule.is_broken(draft)) continue;
    const Invalid invalid{std::string(rule.wrong), std::string(rule.allowed)};
    broken.push_back({std::string(rule.key), about(rule.key, invalid)});
  }
  return broken;
}

struct Reading {
  Draft draft;
  std::vector<RefusedOption> refused;
};

Reading read_options(const std::vector<KeyAndValue>& keys, const ReadFile& read) {
  Reading reading{{.read = &read}, {}};
  for (const auto& key : keys) {
    if (const auto invalid = apply(reading.draft, key)) reading.refused.push_back({key.first, *invalid});
  }
  if (reading.refused.empty()) reading.refused = broken_rules(reading.draft);
  return reading;
}

impair::LossSettings loss_of(const Draft& draft) {
  if (draft.loss_model) {
    return std::visit([](const auto& model) { return impair::LossSettings(model); }, *draft.loss_model);
  }
  if (draft.loss_burst) return impair::BurstLoss{draft.loss.share, *draft.loss_burst};
  if (draft.given.contains("loss")) return draft.loss;
  return {};
}

}  // namespace

Parsed<std::string> read_file(const std::string& path) {
  constexpr std::size_t kLargest = std::size_t{64} << 20U;
  const Invalid unreadable{"'" + path + "' cannot be read", "a readable file of up to 64 MiB"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable;
  std::string text;
  std::array<char, 65536> block{};
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kLargest) return unreadable;
  }
  if (file.bad()) return unreadable;
  return text;
}

Parsed<std::vector<KeyAndValue>> split_impairment(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::vector<KeyAndValue> keys;
  while (true) {
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return keys;
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(kBlank));
    text.remove_prefix(word.size());
    const auto equals = word.find('=');
    if (equals != std::string_view::npos) {
      keys.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else if (!keys.empty()) {
      keys.back().second.append(keys.back().second.empty() ? "" : " ").append(word);
    } else {
      return Invalid{"'" + std::string(word) + "' is not an impairment option",
                     "key=value, as in delay=100ms"};
    }
  }
}

Parsed<impair::Settings> parse_impairment(const std::vector<KeyAndValue>& keys, const ReadFile& read) {
  auto [draft, refused] = read_options(keys, read);
  if (!refused.empty()) return refused.front().invalid;
  draft.settings.loss = loss_of(draft);
  return draft.settings;
}

std::vector<RefusedOption> refused_options(std::string_view text, const ReadFile& read) {
  const auto keys = split_impairment(text);
  if (!keys) return {{{}, keys.invalid()}};
  return read_options(*keys, read).refused;
}

std::vector<RefusedOption> refused_options_in(const std::filesystem::path& folder, std::string_view text) {
  return refused_options(text, read_from(folder));
}

Parsed<impair::Settings> parse_impairment(std::string_view text, const ReadFile& read) {
  const auto keys = split_impairment(text);
  if (!keys) return keys.invalid();
  return parse_impairment(*keys, read);
}

ReadFile read_from(std::filesystem::path folder) {
  return
      [folder = std::move(folder)](const std::string& path) { return read_file((folder / path).string()); };
}

void name_files_in(const std::filesystem::path& folder, impair::Settings& settings) {
  for (auto* name : {&settings.trace_file, &settings.distribution_file}) {
    if (!name->empty()) *name = std::filesystem::absolute(folder / *name).lexically_normal().string();
  }
}

Parsed<impair::Settings> parse_impairment_in(const std::filesystem::path& folder, std::string_view text) {
  auto parsed = parse_impairment(text, read_from(folder));
  if (!parsed) return parsed;
  auto settings = *parsed;
  name_files_in(folder, settings);
  return settings;
}

const std::vector<std::string>& impairment_keys() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(kKeys.size());
    for (const auto& key : kKeys) all.emplace_back(key.name);
    return all;
  }();
  return names;
}

}  // namespace sennit::config
