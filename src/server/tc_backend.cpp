#include "server/tc_backend.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "io/clock.hpp"

namespace sennit::server {

namespace {

constexpr std::chrono::seconds kPollEvery{1};

tc::Side side_of(device::Direction direction) {
  return direction == device::Direction::kDown ? tc::Side::kLan : tc::Side::kWan;
}

base::Instant now() {
  return io::read_clock().monotonic;
}

std::string_view name_of(tc::Classifier classifier) {
  switch (classifier) {
    case tc::Classifier::kFw: return "the fw filter";
    case tc::Classifier::kBpf: return "classic BPF on the mark";
    case tc::Classifier::kPriority: break;
  }
  return "the packet's priority";
}

// The kernel counts neither delays nor what was corrupted, duplicated or reordered, and one number for all
// drops of a leaf: where there is a loss model, what a queue inside it did not drop is called lost.
device::LaneReport report_of(const tc::LaneCounts& counts) {
  device::LaneReport report;
  auto& achieved = report.achieved;
  achieved.delivered = counts.sent;
  achieved.offered = counts.kernel.packets + counts.kernel.drops + counts.kernel.queued;
  achieved.queue_drops = counts.has_loss ? counts.kernel.queue_drops : counts.kernel.drops;
  // The leaf's number was read first.
  achieved.lost = counts.kernel.drops - std::min(counts.kernel.drops, achieved.queue_drops);
  if (counts.has_loss) achieved.judged = counts.kernel.packets + counts.kernel.drops;
  achieved.marked = counts.kernel.marked;
  report.queued = {static_cast<std::uint32_t>(counts.kernel.queued)};
  report.queued_bytes = counts.kernel.queued_bytes;
  return report;
}

}  // namespace

TcBackend::TcBackend(io::Journal& journal, io::Driver& driver, const tc::Place& place)
    : shaper_(journal, place), driver_(driver), timer_(driver.io_context()) {
  const auto& capabilities = shaper_.capabilities();
  spdlog::info("shaping by tc between {} and {}; packets find their class by {}", place.lan, place.wan,
               name_of(*capabilities.classifier));
  if (capabilities.netem == tc::Support::kAbsent)
    spdlog::warn("this kernel has no netem: rate, burst, overhead and queue can be set, and nothing else");
  if (const auto left = shaper_.offloads_left_on(); !left.empty())
    spdlog::warn("superpackets count as one packet, since these offloads cannot be switched off: {}", left);
  driver_.watch(monitor_.fd(), [this] { note_change(); });
  poll_later();
}

TcBackend::~TcBackend() {
  driver_.unwatch(monitor_.fd());
}

void TcBackend::note_change() {
  if (monitor_.drain() == io::LinkChange::kSome) follow();
}

void TcBackend::follow() {
  try {
    if (const auto happened = shaper_.follow(); !happened.empty()) spdlog::info("{}", happened);
    refused_.clear();
  } catch (const base::Error& error) {
    if (std::exchange(refused_, error.what()) != error.what()) spdlog::warn("{}", error.what());
  }
}

void TcBackend::poll_later() {
  timer_.expires_after(kPollEvery);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    shaper_.poll(now());
    poll_later();
  });
}

void TcBackend::add(const base::DeviceAddresses& device) {
  shaper_.add(device);
}

void TcBackend::move_addresses(std::span<const base::DeviceAddresses> devices) {
  shaper_.move_addresses(devices);
}

void TcBackend::impair(const base::DeviceMatch& match, device::Direction direction,
                       const std::optional<impair::Settings>& settings) {
  shaper_.impair(match, side_of(direction), settings, now());
}

void TcBackend::remove(const base::DeviceMatch& match) {
  shaper_.remove(match, now());
}

void TcBackend::let_go(const base::DeviceMatch& match) {
  shaper_.let_go(match);
}

void TcBackend::start_capture(const base::DeviceMatch& match) {
  throw base::Error("capture: the kernel impairs " + base::to_string(match) +
                    ", and sennit does not see its packets; use tcpdump on the two interfaces");
}

std::vector<device::DeviceReport> TcBackend::report() const {
  std::vector<device::DeviceReport> reports;
  for (const auto& counts : shaper_.counts()) {
    auto& report = reports.emplace_back(device::DeviceReport{counts.match, {}, counts.addresses});
    for (const auto direction : device::kDirections) {
      const auto& lane = counts.lanes[static_cast<std::size_t>(side_of(direction))];
      if (lane) report.lanes[static_cast<std::size_t>(direction)] = report_of(*lane);
    }
  }
  return reports;
}

}  // namespace sennit::server
