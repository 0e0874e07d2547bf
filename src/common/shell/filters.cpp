#include "shell/filters.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/error.hpp"
#include "io/clock.hpp"
#include "shell/endpoint_settings.hpp"

namespace sennit::shell {

namespace {

// device::Capture holds what comes in this time at 640 Mbit/s.
constexpr std::chrono::milliseconds kFetchEvery{100};

device::FilterAction action_of(const config::FilterOptions& options) {
  switch (options.action.value_or(config::FilterAction::kCount)) {
    case config::FilterAction::kDrop: return device::FilterAction::kDrop;
    case config::FilterAction::kAllow: return device::FilterAction::kAllow;
    case config::FilterAction::kCount: break;
    case config::FilterAction::kDuplicate:
      return options.to && options.to->file.empty() ? device::FilterAction::kCopy
                                                    : device::FilterAction::kRecord;
  }
  return device::FilterAction::kCount;
}

std::optional<device::Direction> direction_of(config::FilterDirection direction) {
  switch (direction) {
    case config::FilterDirection::kBoth: break;
    case config::FilterDirection::kDown: return device::Direction::kDown;
    case config::FilterDirection::kUp: return device::Direction::kUp;
  }
  return std::nullopt;
}

}  // namespace

api::FilterStatus Filters::status_of(const Entry& entry, const device::FilterReport& report) {
  const auto& options = entry.options;
  return {entry.id.value,
          options.device,
          std::string(config::to_string(options.direction)),
          config::match_options_text(options.match),
          std::string(config::to_string(options.action.value_or(config::FilterAction::kCount))),
          options.to ? config::to_string(*options.to) : std::string(),
          report.packets,
          report.bytes,
          entry.missed};
}

Filters::Filters(const DeviceBook& book, DeviceStore& store, io::Driver& driver, DeviceBackend& backend)
    : book_(book), store_(store), backend_(backend), timer_(driver.io_context()) {
  for (const auto& filter : store_.load_filters()) stored_.insert(filter.number);
}

Filters::~Filters() {
  for (auto& entry : entries_) fetch(entry);
}

device::Filter Filters::filter_of(const config::FilterOptions& options) const {
  device::Filter filter;
  if (!options.device.empty()) filter.device = book_.match_of(options.device);
  filter.direction = direction_of(options.direction);
  filter.match = match_of(options.match);
  filter.action = action_of(options);
  if (filter.action == device::FilterAction::kCopy) filter.copies_to = book_.match_of(options.to->device);
  return filter;
}

// The file's filters leave the numbers alone that others have had for longer.
std::uint32_t Filters::unused_number() const {
  auto number = next_;
  while (stored_.contains(number)) ++number;
  return number;
}

Filters::Entry Filters::entry_of(std::uint32_t number, const config::FilterOptions& options,
                                 RecordStart start) const {
  if (!backend_.has_filters())
    throw base::UsageError("filters work in the tunnel alone, and devices are left to " +
                           std::string(backend_.name()) + " here; use nft in their place");
  Entry entry{{number}, options, filter_of(options), nullptr, 0};
  if (entry.filter.action == device::FilterAction::kRecord)
    entry.file = std::make_unique<RecordFile>(options.to->file, start);
  return entry;
}

void Filters::put(Entry entry) {
  backend_.add_filter(entry.id, entry.filter);
  next_ = std::max(next_, entry.id.value + 1);
  entries_.push_back(std::move(entry));
  if (entries_.back().file) fetch_later();
}

void Filters::configure(const std::vector<config::FilterOptions>& configured) {
  for (const auto& options : configured) put(entry_of(unused_number(), options, RecordStart::kAnew));
  next_ = std::max(next_, store_.last_filter() + 1);
}

void Filters::restore(std::uint32_t number, const config::FilterOptions& options) {
  put(entry_of(number, options, RecordStart::kGoesOn));
}

std::uint32_t Filters::add(const config::FilterOptions& options) {
  auto named = options;
  if (!named.device.empty()) named.device = book_.find(named.device).name;
  if (named.to && named.to->file.empty()) named.to->device = book_.find(named.to->device).name;
  auto entry = entry_of(unused_number(), named, RecordStart::kAnew);
  const auto number = entry.id.value;
  store_.save_filter({number, config::filter_words(named)});
  stored_.insert(number);
  put(std::move(entry));
  return number;
}

void Filters::take_away(std::vector<Entry>::iterator entry) {
  fetch(*entry);
  backend_.remove_filter(entry->id);
  entries_.erase(entry);
}

void Filters::remove(std::uint32_t number) {
  const auto found = std::ranges::find(entries_, device::FilterId{number}, &Entry::id);
  const bool is_stored = stored_.contains(number);
  if (found == entries_.end() && !is_stored)
    throw base::UsageError("there is no filter " + std::to_string(number) +
                           "; `sennit filter list` shows them");
  if (is_stored) store_.erase_filters({number});
  stored_.erase(number);
  if (found != entries_.end()) take_away(found);
}

void Filters::clear() {
  store_.erase_filters({stored_.begin(), stored_.end()});
  stored_.clear();
  while (!entries_.empty()) take_away(entries_.end() - 1);
}

void Filters::fetch(Entry& entry) {
  if (!entry.file) return;
  auto recorded = backend_.take_recorded(entry.id);
  entry.missed += recorded.missed;
  entry.file->write(std::move(recorded), io::read_clock());
  const auto error = entry.file->take_error();
  if (!error.empty()) spdlog::error("filter {}: {}", entry.id.value, error);
}

void Filters::fetch_later() {
  timer_.expires_after(kFetchEvery);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    // What waits while the file is busy stays where it is.
    for (auto& entry : entries_)
      if (entry.file && !entry.file->is_busy()) fetch(entry);
    if (std::ranges::any_of(entries_, [](const Entry& entry) { return entry.file != nullptr; }))
      fetch_later();
  });
}

std::vector<api::FilterStatus> Filters::status() const {
  const auto reports = backend_.report_filters();
  std::vector<api::FilterStatus> all;
  for (std::size_t i = 0; i < entries_.size(); ++i) all.push_back(status_of(entries_[i], reports.at(i)));
  return all;
}

}  // namespace sennit::shell
