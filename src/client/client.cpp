#include "client/client.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "client/client_settings.hpp"
#include "io/clock.hpp"
#include "shell/link_commands.hpp"
#include "shell/log.hpp"
#include "shell/state_file.hpp"

namespace sennit::client {

namespace {

constexpr std::chrono::seconds kRenewEvery{60};

TimestampFile timestamp_file(const config::ClientOptions& options, const tunnel::EndpointConfig& settings) {
  return TimestampFile(options.endpoint.state /
                       shell::state_file_name("client", settings.private_key.public_key()));
}

tunnel::EndpointConfig settings_with_timestamp(const config::ClientOptions& options) {
  auto settings = client_settings(options);
  settings.last_timestamp = timestamp_file(options, settings).read();
  return settings;
}

bool has_family(const std::vector<base::Prefix>& prefixes, base::Family family) {
  return std::ranges::find(prefixes, family, &base::Prefix::family) != prefixes.end();
}

bool lies_in_any(const base::IpAddress& address, const std::vector<base::Prefix>& networks) {
  return std::ranges::any_of(networks,
                             [&](const base::Prefix& network) { return network.contains(address); });
}

std::optional<base::Duration> silence_before_fallback(const config::ClientOptions& options) {
  if (options.fallback != config::Fallback::kDirect) return std::nullopt;
  return options.fallback_after;
}

// "vps.example.net:6000-6003, 203.0.113.5:6000".
std::string describe(const std::vector<config::GatewayAddress>& gateways) {
  std::string text;
  for (const auto& gateway : gateways) {
    if (!text.empty()) text += ", ";
    const bool is_v6 = gateway.host.find(':') != std::string::npos;
    text += (is_v6 ? "[" + gateway.host + "]" : gateway.host) + ":" + std::to_string(gateway.ports.first);
    if (gateway.ports.count() > 1) text += "-" + std::to_string(gateway.ports.last);
  }
  return text;
}

}  // namespace

std::vector<base::Prefix> routes_into_tunnel(const std::vector<base::Prefix>& asked_for,
                                             const std::vector<base::Prefix>& gateway_addresses,
                                             const std::vector<base::Prefix>& own) {
  auto routes = asked_for;
  for (const auto& gateway : gateway_addresses) {
    const auto& address = gateway.address();
    if (!lies_in_any(address, own)) routes.emplace_back(address, address.width());
  }
  return routes;
}

std::vector<base::Prefix> routes_beside_default(std::vector<base::Prefix> routes) {
  std::erase_if(routes, [](const base::Prefix& route) { return route.length() == 0; });
  return routes;
}

Client::Client(const config::ClientOptions& options) : Client(options, settings_with_timestamp(options)) {}

Client::Client(const config::ClientOptions& options, const tunnel::EndpointConfig& settings)
    : options_(options),
      runtime_(options.endpoint, settings),
      timestamp_file_(timestamp_file(options, settings)),
      renew_timer_(runtime_.driver().io_context()),
      uplinks_(options, runtime_.pump(), runtime_.journal()),
      quotas_(
          runtime_.driver(),
          options.endpoint.state / shell::state_file_name("quotas", settings.private_key.public_key()),
          [this] { return runtime_.pump().endpoint().report(io::read_clock()); },
          [this](const std::string& link, bool is_spent) { uplinks_.set_spent(link, is_spent); }),
      lookup_(runtime_.driver(), options.gateways, settings.seed,
              [this](std::vector<tunnel::GatewayAddress> addresses) {
                runtime_.pump().apply([&](tunnel::Endpoint& endpoint, base::Now now) {
                  endpoint.set_gateway_addresses(std::move(addresses), now);
                });
              }),
      silence_(runtime_.driver(), [this](std::chrono::seconds silence) { say_that_nobody_answers(silence); }),
      direct_way_(runtime_.driver(), silence_before_fallback(options), [this] { turn_default_routes(); }),
      public_key_(settings.private_key.public_key()) {
  for (const auto family : {base::Family::kV4, base::Family::kV6}) {
    if (has_family(options.networks, family)) forwarding_.emplace_back(runtime_.journal(), family);
  }
  runtime_.on_event([this](const tunnel::Event& event) { handle_event(event); });
  runtime_.on_place_of([this](const tunnel::PathReport& path) { return place_of(path); });
  runtime_.on_told_rx([this](const tunnel::PathReport& path) { return uplinks_.told_rx(path.link); });
  runtime_.on_interfaces([this](std::span<const io::Interface> interfaces) {
    for (auto& forwarding : forwarding_) forwarding.follow_names();
    uplinks_.update(interfaces);
    lookup_.note_links_changed();
  });
  shell::throw_refusals(runtime_.tunnel().set_addresses(options.endpoint.tunnel.addresses));
  for (const auto& link : options.links) set_quota(link.display_name());
  register_commands();
}

void Client::run() {
  uplinks_.update(runtime_.interfaces());
  for (const auto& link : uplinks_.status()) {
    if (link.state == "absent") spdlog::warn("link {}: not there yet", link.name);
  }
  runtime_.run([this] {
    renew_timestamp_later();
    quotas_.start();
    lookup_.start();
    silence_.begin();
  });
  quotas_.stop();
  timestamp_file_.settle(runtime_.pump().endpoint().last_timestamp());
}

void Client::handle_event(const tunnel::Event& event) {
  if (const auto* up = std::get_if<tunnel::PeerUp>(&event)) enter_tunnel(*up);
  note_whether_answering();
}

void Client::enter_tunnel(const tunnel::PeerUp& up) {
  renew_timestamp();
  const auto& configured = options_.endpoint.tunnel.addresses;
  const auto& addresses = configured.empty() ? up.addresses : configured;
  spdlog::info("tunnel: addresses {}; the gateway's are {}", shell::join(addresses),
               shell::join(up.gateway_addresses));
  warn_of_addresses(configured, up);
  warn_of_families(addresses);
  shell::log_refusals(runtime_.tunnel().set_addresses(addresses));
  wanted_routes_ = routes_into_tunnel(options_.routes, up.gateway_addresses, addresses);
  install_routes();
  for (const auto& network : options_.networks) {
    const bool accepted = std::ranges::find(up.networks, network) != up.networks.end();
    if (!accepted) spdlog::warn("the gateway does not route {} to this client", network.to_string());
  }
}

void Client::note_whether_answering() {
  const auto report = runtime_.pump().endpoint().report(io::read_clock());
  if (report.peers.front().state == tunnel::PeerState::kUp) {
    lookup_.note_answering();
    silence_.end();
    direct_way_.note_answering();
  } else {
    lookup_.note_silent();
    silence_.begin();
    direct_way_.note_silent();
  }
}

void Client::install_routes() {
  shell::log_refusals(runtime_.tunnel().set_routes(
      direct_way_.is_open() ? routes_beside_default(wanted_routes_) : wanted_routes_));
}

void Client::turn_default_routes() {
  if (routes_beside_default(wanted_routes_) == wanted_routes_) return;
  if (direct_way_.is_open()) {
    spdlog::warn(
        "the gateway is silent: the default routes into the tunnel are withdrawn until it answers, and what "
        "they led there goes out directly, without the tunnel's protection (fallback = \"direct\")");
  } else {
    spdlog::info("the gateway answers: the default routes lead into the tunnel again");
  }
  install_routes();
}

// Without a link nobody can answer, and that has been said.
void Client::say_that_nobody_answers(std::chrono::seconds silence) const {
  const auto links = uplinks_.status();
  if (std::ranges::none_of(links, [](const auto& link) { return link.state == "up"; })) return;
  spdlog::warn(
      "no answer from gateway {} for {} s: check its address, port and firewall, that --gateway-key is its "
      "public key, and that it knows ours ({})",
      describe(options_.gateways), silence.count(), public_key_.to_base64());
}

void Client::warn_of_addresses(const std::vector<base::Prefix>& addresses, const tunnel::PeerUp& up) {
  std::vector<base::Prefix> accepted = up.networks;
  for (const auto& own : up.addresses) accepted.emplace_back(own.address(), own.address().width());
  for (const auto& asked : addresses) {
    if (lies_in_any(asked.address(), accepted)) continue;
    spdlog::warn("--address {}: the gateway allows this client {} only, and drops what comes from elsewhere",
                 asked.to_string(), shell::join(up.addresses));
  }
}

void Client::warn_of_families(const std::vector<base::Prefix>& addresses) {
  if (std::exchange(warned_of_families_, true)) return;
  for (const auto& route : options_.routes) {
    if (route.length() > 0 || has_family(addresses, route.family())) continue;
    const auto* family = route.family() == base::Family::kV6 ? "IPv6" : "IPv4";
    spdlog::warn("{0} does not go through the tunnel: it has no {0} address", family);
  }
}

void Client::renew_timestamp() {
  timestamp_file_.renew(runtime_.pump().endpoint().last_timestamp(), io::read_clock().wall);
}

void Client::renew_timestamp_later() {
  renew_timestamp();
  renew_timer_.expires_after(kRenewEvery);
  renew_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) renew_timestamp_later();
  });
}

void Client::set_quota(const std::string& link) {
  const auto& options = uplinks_.options(link);
  quotas_.set(link, options.quota, std::chrono::day(options.quota_day));
}

std::vector<api::LinkStatus> Client::link_status() const {
  auto links = uplinks_.status();
  for (auto& link : links)
    if (link.quota) link.quota_used = quotas_.used(link.name);
  return links;
}

void Client::register_commands() {
  shell::LinkFunctions functions;
  functions.status = [this] {
    auto status = runtime_.status();
    status.links = link_status();
    return status;
  };
  functions.enable = [this](const auto& link) { uplinks_.enable(link); };
  functions.disable = [this](const auto& link) { uplinks_.disable(link); };
  functions.change = [this](const auto& link, const auto& changes) {
    uplinks_.change(link, changes);
    set_quota(link);
  };
  shell::serve_link_commands(runtime_.control(), std::move(functions));
}

shell::PathPlace Client::place_of(const tunnel::PathReport& path) const {
  auto place = runtime_.place_of(path);
  const auto* placement = uplinks_.placement(path.link);
  if (placement == nullptr) return place;
  place.interface = placement->device;
  if (place.local.address.is_unspecified()) {
    place.local.address = placement->address_of(place.local.address.family()).value_or(place.local.address);
  }
  return place;
}

}  // namespace sennit::client
