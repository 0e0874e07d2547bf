#include "client/quotas.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/error.hpp"
#include "io/clock.hpp"
#include "shell/calendar.hpp"
#include "shell/state_file.hpp"

namespace sennit::client {

namespace {

std::chrono::sys_days period_now(std::chrono::day reset) {
  return period_of(shell::day_of(io::read_clock().wall), reset);
}

// Both ways, headers included, as an operator counts.
base::Bytes carried_by(const tunnel::EndpointReport& report, const std::string& link) {
  base::Bytes bytes;
  for (const auto& peer : report.peers)
    for (const auto& path : peer.paths)
      if (path.link == link) bytes += path.tx.bytes + path.rx.bytes;
  return bytes;
}

}  // namespace

Quotas::Quotas(io::Driver& driver, std::filesystem::path file, Report report, Verdict verdict)
    : timer_(driver.io_context()),
      file_(std::move(file)),
      report_(std::move(report)),
      verdict_(std::move(verdict)),
      ledger_(shell::read_state_file(file_).value_or("")),
      saved_(ledger_) {}

void Quotas::set(const std::string& link, std::optional<base::Bytes> quota, std::chrono::day reset) {
  auto found = metered_.find(link);
  if (!quota) {
    if (found != metered_.end() && found->second.is_spent) verdict_(link, false);
    metered_.erase(link);
    return;
  }
  if (found == metered_.end()) {
    found = metered_.emplace(link, Metered{}).first;
    found->second.counted = carried_by(report_(), link);
  }
  found->second.quota = *quota;
  found->second.reset = reset;
  if (!is_running_) return;
  judge(link, found->second);
  look_later();
}

void Quotas::start() {
  is_running_ = true;
  next_save_ = io::read_clock().monotonic + kSaveEvery;
  for (auto& [link, metered] : metered_) judge(link, metered);
  look_later();
}

void Quotas::stop() {
  is_running_ = false;
  timer_.cancel();
  if (!metered_.empty()) look();
  save();
}

base::Bytes Quotas::used(const std::string& link) const {
  const auto found = metered_.find(link);
  return found == metered_.end() ? base::Bytes{} : ledger_.used(link, period_now(found->second.reset));
}

void Quotas::look_later() {
  if (metered_.empty()) return;
  timer_.expires_after(kLookEvery);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    look();
    look_later();
  });
}

void Quotas::look() {
  const auto report = report_();
  for (auto& [link, metered] : metered_) {
    const auto carried = carried_by(report, link);
    ledger_.add(link, {carried.value - metered.counted.value}, period_now(metered.reset));
    metered.counted = carried;
    judge(link, metered);
  }
  if (io::read_clock().monotonic >= next_save_) save();
}

void Quotas::judge(const std::string& link, Metered& metered) {
  const bool is_spent = used(link) >= metered.quota;
  if (std::exchange(metered.is_spent, is_spent) == is_spent) return;
  if (is_spent) {
    spdlog::warn("link {}: its quota of {} MB is used up; it is used only when no other link is up", link,
                 metered.quota.value / 1'000'000);
    save();
  } else {
    spdlog::info("link {}: it has a quota again", link);
  }
  verdict_(link, is_spent);
}

void Quotas::save() {
  next_save_ = io::read_clock().monotonic + kSaveEvery;
  if (ledger_ == saved_) return;
  try {
    shell::write_state_file(file_, ledger_.to_text());
    saved_ = ledger_;
  } catch (const base::Error& error) {
    spdlog::warn("{}", error.what());
  }
}

}  // namespace sennit::client
