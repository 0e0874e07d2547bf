#include "impair/trace.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "impair/line_reader.hpp"

namespace sennit::impair {

namespace {

Refusal at_line(std::size_t line, std::string_view why) {
  return {"line " + std::to_string(line) + ": " + std::string(why)};
}

bool parse_time(std::string_view word, std::uint32_t& time) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), time);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

std::variant<Trace, Refusal> Trace::parse(std::string_view text) {
  Trace trace;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = take_line(text);
    line = line.substr(0, line.find('#'));
    const auto word = take_word(line);
    if (word.empty()) continue;
    std::uint32_t time = 0;
    if (!parse_time(word, time) || !take_word(line).empty()) {
      return at_line(number, "it is not one whole number of milliseconds");
    }
    if (!trace.times_.empty() && time < trace.times_.back()) {
      return at_line(number, "it is earlier than the line before");
    }
    if (trace.times_.size() == kMaxOpportunities)
      return at_line(number, "the trace has more than 10000000 lines");
    trace.times_.push_back(time);
  }
  if (trace.times_.empty()) return Refusal{"it has no lines"};
  if (trace.times_.back() == 0) return Refusal{"it ends at 0 ms; the last line must be above that"};
  return trace;
}

base::Duration Trace::at(std::uint64_t n) const {
  const auto round = static_cast<std::int64_t>(n / times_.size());
  return round * period() + std::chrono::milliseconds(times_[n % times_.size()]);
}

std::uint64_t Trace::first_from(base::Duration since_start) const {
  const auto round = since_start / period();
  const auto within = std::chrono::ceil<std::chrono::milliseconds>(since_start % period()).count();
  const auto found = std::ranges::lower_bound(times_, static_cast<std::uint32_t>(within));
  return static_cast<std::uint64_t>(round) * times_.size() +
         static_cast<std::uint64_t>(found - times_.begin());
}

base::BitRate Trace::mean_rate() const {
  return base::rate_of({std::uint64_t{kOpportunityBytes} * times_.size()}, period());
}

}  // namespace sennit::impair
