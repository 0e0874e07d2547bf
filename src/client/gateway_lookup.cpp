#include "client/gateway_lookup.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <tuple>

namespace sennit::client {

namespace {

constexpr base::Duration kFirstWait = std::chrono::seconds(1);
constexpr base::Duration kLongestWait = std::chrono::seconds(60);
// A gateway that is silent for so long may have another address.
constexpr base::Duration kSilence = std::chrono::seconds(10);

std::tuple<base::IpAddress, std::uint16_t, std::uint16_t> key_of(const tunnel::GatewayAddress& address) {
  return {address.address, address.first_port, address.last_port};
}

}  // namespace

GatewayLookup::GatewayLookup(io::Driver& driver, std::vector<config::GatewayAddress> gateways,
                             std::uint64_t seed, Callback callback)
    : driver_(driver),
      callback_(std::move(callback)),
      backoff_(kFirstWait, kLongestWait, seed),
      timer_(driver.io_context()) {
  for (auto& configured : gateways) {
    Gateway gateway;
    const auto address = base::IpAddress::parse(configured.host);
    gateway.is_name = !address.has_value();
    if (address) gateway.addresses = {*address};
    gateway.configured = std::move(configured);
    gateways_.push_back(std::move(gateway));
  }
}

void GatewayLookup::start() {
  report();
  look_up_all();
}

void GatewayLookup::note_silent() {
  if (!std::exchange(answering_, false)) return;
  backoff_.reset();
  try_again_in(kSilence);
}

void GatewayLookup::note_links_changed() {
  if (answering_ || all_known()) return;
  backoff_.reset();
  look_up_all();
}

void GatewayLookup::look_up_all() {
  for (Gateway& gateway : gateways_) {
    if (!gateway.is_name || gateway.lookup) continue;
    spdlog::debug("gateway {}: looking the name up", gateway.configured.host);
    gateway.lookup = std::make_unique<NameLookup>(
        driver_, gateway.configured.host,
        [this, &gateway](std::vector<base::IpAddress> addresses) { finish(gateway, std::move(addresses)); });
  }
}

void GatewayLookup::finish(Gateway& gateway, std::vector<base::IpAddress> addresses) {
  gateway.lookup.reset();
  if (addresses.empty()) {
    spdlog::warn("gateway {}: the name cannot be resolved now; trying again", gateway.configured.host);
  } else {
    spdlog::debug("gateway {}: {} addresses", gateway.configured.host, addresses.size());
    gateway.addresses = std::move(addresses);
    report();
  }
  const bool idle =
      std::ranges::none_of(gateways_, [](const Gateway& each) { return each.lookup != nullptr; });
  if (idle && !answering_) try_again_in(all_known() ? std::max(backoff_.next(), kSilence) : backoff_.next());
}

void GatewayLookup::try_again_in(base::Duration wait) {
  timer_.expires_after(wait);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !answering_) look_up_all();
  });
}

bool GatewayLookup::all_known() const {
  return std::ranges::none_of(gateways_, [](const Gateway& gateway) { return gateway.addresses.empty(); });
}

void GatewayLookup::report() {
  std::vector<tunnel::GatewayAddress> known;
  for (const Gateway& gateway : gateways_) {
    const auto& ports = gateway.configured.ports;
    for (const auto& address : gateway.addresses) known.push_back({address, ports.first, ports.last});
  }
  if (std::ranges::equal(known, reported_, {}, key_of, key_of)) return;
  reported_ = known;
  for (const auto& each : known) {
    spdlog::info("gateway address {}", base::SocketAddress{each.address, each.first_port}.to_string());
  }
  callback_(std::move(known));
}

}  // namespace sennit::client
