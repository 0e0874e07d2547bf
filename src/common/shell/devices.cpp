#include "shell/devices.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/error.hpp"
#include "config/impair_text.hpp"
#include "io/clock.hpp"
#include "shell/device_status.hpp"

namespace sennit::shell {

namespace {

// The wall clock may be set: it is looked at again after so long.
constexpr base::Duration kLongestWait = std::chrono::seconds(30);
// A capture that nobody takes anything from ends.
constexpr base::Duration kCapturePatience = std::chrono::seconds(5);

// What impairs nothing need not be done.
std::optional<impair::Settings> effective(const std::optional<impair::Settings>& settings) {
  if (!settings || config::to_keys(*settings).empty()) return std::nullopt;
  return settings;
}

base::WallTime wall_now() {
  return io::read_clock().wall;
}

}  // namespace

Devices::Devices(const config::EndpointOptions& options, const std::filesystem::path& file,
                 io::Driver& driver, Backends& backends, LanView view)
    : driver_(driver),
      backends_(backends),
      book_(options.devices, options.profiles),
      store_(file),
      lan_(view, driver, [this] { settle_addresses(); }),
      expiry_timer_(driver.io_context()),
      step_timer_(driver.io_context()),
      filters_(book_, store_, driver, backends.named(std::nullopt)) {
  for (const auto& refusal : book_.restore(store_.load(), wall_now())) spdlog::warn("{}", refusal);
  for (const auto& device : book_.all()) start(device);
  filters_.configure(options.filters);
  restore_filters();
  expire_later();
}

// What the file asks for must work. What an earlier run was told gives way to it, since nobody can clear it
// without an endpoint; it stays in the store, for a start at which it works again.
void Devices::start(const Device& device) {
  try {
    apply_whole(device);
  } catch (const base::Error& error) {
    const auto why = "device " + device.name + ": " + error.what();
    if (!book_.stored(device)) throw base::Error(why);
    spdlog::warn("{}; it is no longer as it was set", why);
    remove(device.matches.front());
    if (const auto configured = book_.reset(device)) start(*configured);
  }
}

void Devices::restore_filters() {
  for (const auto& stored : store_.load_filters()) {
    try {
      restore_filter(stored);
    } catch (const base::Error& error) {
      spdlog::warn("filter {} of an earlier run is not there: {}; `sennit filter delete {}` forgets it",
                   stored.number, error.what(), stored.number);
    }
  }
}

// Who was cleared since stays a device as long as a filter names it.
void Devices::restore_filter(const StoredFilter& stored) {
  const auto filter = config::parse_filter(stored.words, {});
  if (!filter) throw base::UsageError(config::to_string(filter.invalid()));
  std::vector<base::DeviceMatch> cleared;
  for (const auto& name : {filter->device, filter->to ? filter->to->device : std::string()}) {
    if (name.empty() || book_.knows(book_.match_of(name))) continue;
    cleared.push_back(book_.match_of(name));
    add({name, {cleared.back()}, {}, {}, {}, {}}, backends_.named(std::nullopt));
  }
  filters_.restore(stored.number, *filter);
  for (const auto& match : cleared) remove(match);
}

void Devices::add(const Device& device, DeviceBackend& backend) {
  refuse_misplaced(device, backend);
  const auto& match = device.matches.front();
  const auto addresses = addresses_of(device.matches);
  backend.add({match, addresses});
  if (const auto* mac = std::get_if<base::MacAddress>(&match)) lan_addresses_[*mac] = addresses;
}

void Devices::refuse_misplaced(const Device& device, const DeviceBackend& backend) {
  const auto refused = backend.refusal_of(device.matches);
  if (!refused.empty()) throw base::UsageError(refused);
}

void Devices::remove(const base::DeviceMatch& match) {
  if (const auto* mac = std::get_if<base::MacAddress>(&match)) lan_addresses_.erase(*mac);
  captures_.erase(match);
  backends_.remove(match);
}

// Who is named by an address has it, whoever's MAC address answers for it.
std::vector<base::Prefix> Devices::addresses_of(const std::vector<base::DeviceMatch>& matches) const {
  std::vector<base::Prefix> addresses;
  for (const auto& match : matches) {
    const auto* mac = std::get_if<base::MacAddress>(&match);
    if (mac == nullptr) {
      addresses.push_back(std::get<base::Prefix>(match));
      continue;
    }
    const auto own = lan_.neighbourhood().addresses_of(
        *mac, [this](const base::Prefix& address) { return book_.knows(address); });
    addresses.insert(addresses.end(), own.begin(), own.end());
  }
  return addresses;
}

// Before a device is added, so that its address is nobody's; after one has gone, so that it is somebody's.
void Devices::settle_addresses() {
  std::vector<base::DeviceAddresses> moved;
  for (const auto& [mac, addresses] : lan_addresses_) {
    auto current = addresses_of({mac});
    if (current != addresses) moved.push_back({mac, std::move(current)});
  }
  if (moved.empty()) return;
  try {
    backends_.move_addresses(moved);
    for (auto& [device, addresses] : moved)
      lan_addresses_[std::get<base::MacAddress>(device)] = std::move(addresses);
  } catch (const base::Error& error) {
    spdlog::warn("devices by MAC address: {}", error.what());
  }
  if (on_addresses_) on_addresses_();
}

// Where nobody waits for the answer: a refusal is logged.
void Devices::apply(const Device& device, const Directions& directions) {
  const auto& match = device.matches.front();
  try {
    if (!book_.knows(match)) return remove(match);
    apply_changed(device, directions);
  } catch (const base::Error& error) {
    spdlog::warn("device {}: {}", device.name, error.what());
  }
}

void Devices::apply_whole(const Device& device) {
  const auto& match = device.matches.front();
  auto& backend = backends_.named(device.backend);
  try {
    add(device, backend);
    backend.impair(match, device::Direction::kDown, effective(device.down));
    backend.impair(match, device::Direction::kUp, effective(device.up));
  } catch (const base::Error&) {
    if (&backends_.of(match) != &backend) backend.remove(match);
    throw;
  }
  backends_.move(match, backend);
}

// These directions alone, so that the other goes on undisturbed.
void Devices::apply_changed(const Device& device, const Directions& directions) {
  const auto& match = device.matches.front();
  auto& backend = backends_.named(device.backend);
  if (&backends_.of(match) != &backend) return apply_whole(device);
  add(device, backend);
  for (const auto direction : directions)
    backend.impair(match, direction,
                   effective(direction == device::Direction::kDown ? device.down : device.up));
  backends_.move(match, backend);
}

void Devices::check(const DeviceBook::Plan& plan) const {
  if (!lan_.is_seen() && std::holds_alternative<base::MacAddress>(plan.device.matches.front()))
    throw base::UsageError(config::match_text(plan.device.matches) + std::string(config::kNoMacHere));
  const auto& backend = backends_.named(plan.device.backend);
  refuse_misplaced(plan.device, backend);
  for (const auto& settings : {effective(plan.device.down), effective(plan.device.up)}) {
    const auto refused = settings ? backends_.refusal(backend, *settings) : std::string();
    if (!refused.empty()) throw base::UsageError(refused);
  }
}

void Devices::save(const std::vector<DeviceBook::Ended>& ended) {
  std::vector<StoredDevice> kept;
  std::vector<std::string> forgotten;
  for (const auto& [device, directions] : ended) {
    if (const auto stored = book_.stored(device)) {
      kept.push_back(*stored);
    } else {
      forgotten.push_back(config::match_text(device.matches));
    }
  }
  if (!kept.empty()) store_.save(kept);
  if (!forgotten.empty()) store_.erase(forgotten);
}

void Devices::set(const std::string& name, const config::DeviceChange& change,
                  std::optional<base::Duration> duration) {
  const auto plan = book_.plan(name, change, duration, wall_now());
  check(plan);
  carry_out(plan);
  try {
    store_.save({plan.stored});
  } catch (const base::Error&) {
    take_back(plan);
    throw;
  }
  expire_later();
}

// The book first: by it a device has its addresses.
void Devices::carry_out(const DeviceBook::Plan& plan) {
  book_.set(plan);
  try {
    settle_addresses();
    apply_changed(plan.device, plan.directions);
  } catch (const base::Error&) {
    take_back(plan);
    throw;
  }
}

void Devices::take_back(const DeviceBook::Plan& plan) {
  apply(book_.take_back(plan), plan.directions);
  settle_addresses();
}

void Devices::end(const std::vector<DeviceBook::Ended>& ended) {
  for (const auto& [device, directions] : ended) apply(device, directions);
  settle_addresses();
  expire_later();
  save(ended);
}

void Devices::clear(const std::string& name) {
  end(book_.clear(name));
}

void Devices::clear_all() {
  end(book_.clear_all());
}

void Devices::expire() {
  const auto expired = book_.expire(wall_now());
  for (const auto& one : expired) spdlog::info("device {}: its time is over", one.device.name);
  try {
    end(expired);
  } catch (const base::Error& error) {
    spdlog::warn("{}", error.what());
  }
}

void Devices::expire_later() {
  const auto next = book_.next_expiry();
  expiry_timer_.cancel();
  if (!next) return;
  expiry_timer_.expires_after(std::clamp(*next - wall_now(), base::Duration{}, kLongestWait));
  expiry_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) expire();
  });
}

void Devices::play(config::Timeline timeline) {
  for (const auto& step : timeline.steps) check(book_.plan(step.device, step.change, {}, {}));
  timeline_ = std::move(timeline);
  next_step_ = 0;
  round_began_ = std::chrono::steady_clock::now();
  play_due();
}

void Devices::stop() {
  timeline_ = {};
  step_timer_.cancel();
}

void Devices::play_step(const config::TimelineStep& step) {
  if (step.kind == config::StepKind::kClear) {
    for (const auto& [device, directions] : book_.clear(step.device)) apply(device, directions);
    return settle_addresses();
  }
  const auto plan = book_.plan(step.device, step.change, std::nullopt, wall_now());
  try {
    carry_out(plan);
  } catch (const base::Error& error) {
    spdlog::warn("device {}: {}", step.device, error.what());
  }
}

// Time counts from the start of the round, so that late steps move no later ones.
void Devices::play_due() {
  const auto now = std::chrono::steady_clock::now();
  while (next_step_ < timeline_.steps.size() && round_began_ + timeline_.steps[next_step_].at <= now)
    play_step(timeline_.steps[next_step_++]);
  if (next_step_ == timeline_.steps.size() && timeline_.loop) {
    round_began_ += *timeline_.loop;
    next_step_ = 0;
  }
  play_later();
}

void Devices::play_later() {
  if (next_step_ == timeline_.steps.size()) return;
  step_timer_.expires_at(round_began_ + timeline_.steps[next_step_].at);
  step_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) play_due();
  });
}

void Devices::start_capture(const std::string& name) {
  const auto match = book_.find(name).matches.front();
  if (captures_.contains(match))
    throw base::UsageError("device " + name +
                           " is being captured already; a capture that was killed ends after 5 s");
  backends_.of(match).start_capture(match);
  captures_.emplace(match, driver_.io_context());
  end_capture_later(match);
}

device::Captured Devices::take_captured(const std::string& name) {
  const auto match = book_.match_of(name);
  auto captured = backends_.of(match).take_captured(match);
  if (!captured) throw base::Error("device " + name + " is not being captured any more");
  end_capture_later(match);
  return std::move(*captured);
}

void Devices::stop_capture(const std::string& name) {
  end_capture(book_.match_of(name));
}

void Devices::end_capture(const base::DeviceMatch& match) {
  if (captures_.erase(match) == 0) return;
  backends_.of(match).stop_capture(match);
}

void Devices::end_capture_later(const base::DeviceMatch& match) {
  const auto found = captures_.find(match);
  if (found == captures_.end()) return;
  found->second.expires_after(kCapturePatience);
  found->second.async_wait([this, match](const boost::system::error_code& error) {
    if (!error) end_capture(match);
  });
}

std::vector<api::DeviceStatus> Devices::status_of(const std::vector<Device>& devices) const {
  const auto backend_of = [this](const base::DeviceMatch& match) { return backends_.of(match).name(); };
  return with_filters(shell::status_of(devices, backends_.report(), backend_of, io::read_clock()));
}

std::vector<api::DeviceStatus> Devices::with_filters(std::vector<api::DeviceStatus> devices) const {
  std::map<std::string_view, api::DeviceStatus*> by_name;
  for (auto& device : devices) by_name[device.name] = &device;
  for (const auto& filter : filters_.status()) {
    const auto named = by_name.find(filter.device);
    if (named != by_name.end()) named->second->filters.push_back(filter);
  }
  return devices;
}

std::vector<api::DeviceStatus> Devices::status() const {
  return status_of(book_.all());
}

api::DeviceStatus Devices::status_of_one(const std::string& name) const {
  return status_of({book_.find(name)}).front();
}

std::vector<api::ProfileStatus> Devices::profiles() const {
  return shell::status_of(book_.profiles());
}

}  // namespace sennit::shell
