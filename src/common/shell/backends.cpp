#include "shell/backends.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace sennit::shell {

namespace {

// A packet that has passed the new back end's place before it was there gets to the old one's within this.
constexpr std::chrono::milliseconds kTransit{50};

}  // namespace

Backends::Backends(io::Driver& driver, DeviceBackend& configured, DeviceBackend* other)
    : driver_(driver), all_{&configured} {
  if (other != nullptr) all_.push_back(other);
}

DeviceBackend& Backends::named(const std::optional<config::Shaping>& name) const {
  if (!name) return *all_.front();
  const auto found = std::ranges::find(all_, config::to_string(*name), &DeviceBackend::name);
  if (found != all_.end()) return **found;
  throw base::UsageError("backend: '" + std::string(config::to_string(*name)) +
                         "' does not run here; allowed: " + std::string(all_.front()->name()) +
                         " (a gateway with --shaping tc has both)");
}

DeviceBackend& Backends::of(const base::DeviceMatch& match) const {
  const auto owner = owners_.find(match);
  return owner == owners_.end() ? *all_.front() : *owner->second;
}

std::string Backends::refusal(const DeviceBackend& backend, const impair::Settings& settings) const {
  auto refused = backend.refusal(settings);
  if (refused.empty()) return refused;
  for (const auto* other : all_) {
    if (other == &backend || !other->refusal(settings).empty()) continue;
    return refused + "; --backend " + std::string(other->name()) + " can do it";
  }
  return refused;
}

void Backends::move(const base::DeviceMatch& match, DeviceBackend& to) {
  const auto [owner, is_new] = owners_.try_emplace(match, &to);
  if (is_new || owner->second == &to) return;
  let_go_later(match, *std::exchange(owner->second, &to));
}

// In place of an earlier hand-over: then the one that was to let the device go has it again.
void Backends::let_go_later(const base::DeviceMatch& match, DeviceBackend& from) {
  hand_overs_.erase(match);
  auto& timer = hand_overs_.emplace(match, driver_.io_context()).first->second;
  timer.expires_after(kTransit);
  timer.async_wait([this, match, &from](const boost::system::error_code& error) {
    if (error) return;
    hand_overs_.erase(match);
    from.let_go(match);
  });
}

void Backends::remove(const base::DeviceMatch& match) {
  hand_overs_.erase(match);
  owners_.erase(match);
  for (auto* backend : all_) backend->remove(match);
}

void Backends::move_addresses(const std::vector<base::DeviceAddresses>& devices) {
  for (auto* backend : all_) {
    auto own = devices;
    std::erase_if(own, [&](const auto& device) { return &of(device.device) != backend; });
    if (!own.empty()) backend->move_addresses(own);
  }
}

std::vector<device::DeviceReport> Backends::report() const {
  std::vector<device::DeviceReport> all;
  for (const auto* backend : all_) {
    auto reports = backend->report();
    std::erase_if(reports, [&](const auto& report) { return &of(report.match) != backend; });
    std::ranges::move(reports, std::back_inserter(all));
  }
  return all;
}

}  // namespace sennit::shell
