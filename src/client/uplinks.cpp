#include "client/uplinks.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/error.hpp"
#include "client/client_settings.hpp"
#include "config/impair_text.hpp"
#include "config/setting.hpp"
#include "io/clock.hpp"
#include "shell/device_status.hpp"

namespace sennit::client {

namespace {

using Sockets = std::vector<tunnel::PathSockets>;
using Lanes = std::array<std::optional<device::LaneReport>, 2>;

std::vector<base::SocketId> numbers(const Sockets& sockets) {
  std::vector<base::SocketId> ids;
  for (const auto& path : sockets) {
    if (path.v4) ids.push_back(*path.v4);
    if (path.v6) ids.push_back(*path.v6);
  }
  return ids;
}

std::string list(const std::vector<base::SocketId>& ids) {
  std::string text;
  for (const base::SocketId id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id.value);
  return text;
}

link::PathMtu path_mtu(unsigned mtu) {
  constexpr unsigned kLargest = std::numeric_limits<std::uint16_t>::max();
  return {static_cast<std::uint16_t>(std::min(mtu, kLargest))};
}

api::LinkStatus status_of(const config::LinkOptions& options, const std::optional<Placement>& placement,
                          std::string state) {
  api::LinkStatus status;
  status.name = options.display_name();
  status.interface = placement ? placement->device : options.interface;
  if (placement) status.address = placement->addresses.front().to_string();
  status.state = std::move(state);
  status.sockets = options.sockets;
  status.up = options.up;
  status.down = options.down;
  status.cost = options.cost;
  status.backup = options.backup;
  status.quota = options.quota;
  return status;
}

// What the impairment of this link counted, by device::Direction.
Lanes lanes_of(const tunnel::EndpointReport& report, base::LinkId link) {
  const auto found = std::ranges::find(report.impaired_links, link, &tunnel::LinkImpairmentReport::link);
  return found == report.impaired_links.end() ? Lanes{} : found->lanes;
}

std::string text_of(const std::optional<impair::Settings>& settings) {
  return settings ? config::to_text(*settings) : "none";
}

std::string describe(const Placement& placement) {
  std::string text = placement.device + ", mtu " + std::to_string(placement.mtu);
  for (const auto& address : placement.addresses) text += ", " + address.to_string();
  return text;
}

}  // namespace

Uplinks::Uplinks(const config::ClientOptions& options, shell::Pump& pump, io::Journal& journal)
    : pump_(pump), journal_(journal), profiles_(config::all_profiles(options.endpoint.profiles)) {
  uplinks_.reserve(options.links.size());
  for (const auto& link : options.links) {
    const base::LinkId id{static_cast<std::uint16_t>(uplinks_.size())};
    uplinks_.push_back({id, link, {}, {}, {}, false, false, {}});
    impair(uplinks_.back(), impairment_of(link));
  }
}

config::LinkImpairment Uplinks::impairment_of(const config::LinkOptions& options) const {
  const auto impairment = config::impairment_of(options, profiles_);
  if (!impairment)
    throw base::UsageError("link " + options.display_name() + ": " + to_string(impairment.invalid()));
  return *impairment;
}

// A direction whose settings stay the same goes on counting.
void Uplinks::impair(Uplink& uplink, const config::LinkImpairment& impairment) {
  const auto before = std::exchange(uplink.impairment, impairment);
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) {
    if (text_of(impairment.down) != text_of(before.down))
      endpoint.impair_link(uplink.id, device::Direction::kDown, impairment.down, now);
    if (text_of(impairment.up) != text_of(before.up))
      endpoint.impair_link(uplink.id, device::Direction::kUp, impairment.up, now);
  });
}

void Uplinks::update(std::span<const io::Interface> interfaces) {
  for (Uplink& uplink : uplinks_) {
    const auto to = place(uplink.options, interfaces);
    if (to == uplink.placement) continue;
    if (to) {
      move(uplink, *to);
    } else {
      detach(uplink);
    }
  }
}

const Placement* Uplinks::placement(std::string_view link) const {
  const auto found = std::ranges::find_if(
      uplinks_, [link](const Uplink& uplink) { return uplink.options.display_name() == link; });
  return found != uplinks_.end() && found->placement ? &*found->placement : nullptr;
}

base::BitRate Uplinks::told_rx(std::string_view link) const {
  const auto found = std::ranges::find_if(
      uplinks_, [link](const Uplink& uplink) { return uplink.options.display_name() == link; });
  if (found == uplinks_.end() || !found->options.down) return {};
  return {found->options.down->bits_per_second / found->options.sockets};
}

void Uplinks::move(Uplink& uplink, const Placement& to) {
  try {
    auto sockets = open_sockets(uplink, to);
    loosen_reverse_path(uplink, to);
    const auto before = std::exchange(uplink.sockets, std::move(sockets));
    uplink.placement = to;
    pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) {
      endpoint.attach_link(uplink.id, {uplink.sockets, path_mtu(to.mtu)}, now);
    });
    close_unused(before, uplink.sockets);
    spdlog::info("link {}: {}", uplink.options.display_name(), describe(to));
    spdlog::debug("link {}: sockets {}", uplink.options.display_name(), list(numbers(uplink.sockets)));
  } catch (const base::Error& error) {
    // The interface changed again meanwhile: the event that tells of it is on its way.
    spdlog::warn("link {}: {}", uplink.options.display_name(), error.what());
    detach(uplink);
  }
}

void Uplinks::detach(Uplink& uplink) {
  if (!uplink.placement) return;
  uplink.placement.reset();
  const auto before = std::exchange(uplink.sockets, {});
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.detach_link(uplink.id, now); });
  close_unused(before, {});
  uplink.reverse_path.reset();
  spdlog::info("link {}: gone", uplink.options.display_name());
}

Sockets Uplinks::open_sockets(const Uplink& uplink, const Placement& to) {
  Sockets sockets(uplink.options.sockets);
  try {
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      sockets[i].v4 = socket_for(uplink, to, base::Family::kV4, i);
      sockets[i].v6 = socket_for(uplink, to, base::Family::kV6, i);
    }
  } catch (const base::Error&) {
    close_unused(sockets, uplink.sockets);
    throw;
  }
  return sockets;
}

// The socket that the path has, where it may go on; a new one otherwise.
std::optional<base::SocketId> Uplinks::socket_for(const Uplink& uplink, const Placement& to,
                                                  base::Family family, std::size_t path) {
  if (!to.address_of(family)) return std::nullopt;
  if (uplink.placement && sockets_survive(*uplink.placement, to, family)) {
    const auto& before = uplink.sockets.at(path);
    return family == base::Family::kV4 ? before.v4 : before.v6;
  }
  io::UdpOptions options;
  options.family = family;
  options.bind = {to.source, 0};
  options.device = to.device;
  return pump_.open_socket(std::move(options));
}

void Uplinks::close_unused(const Sockets& before, const Sockets& after) {
  const auto kept = numbers(after);
  for (const base::SocketId id : numbers(before)) {
    if (std::ranges::find(kept, id) == kept.end()) pump_.close_socket(id);
  }
}

// A link whose filter stays strict works all the same where its replies come by the best route.
void Uplinks::loosen_reverse_path(Uplink& uplink, const Placement& to) {
  const bool is_same = uplink.placement && uplink.placement->index == to.index;
  if (is_same && uplink.reverse_path) return;
  uplink.reverse_path.reset();
  try {
    auto loosened = io::loosen_reverse_path_filter(journal_, to.device);
    if (!loosened) return;
    uplink.reverse_path.emplace(std::move(*loosened));
    spdlog::info("link {}: net.ipv4.conf.{}.rp_filter set to 2 (loose)", uplink.options.display_name(),
                 to.device);
  } catch (const base::Error& error) {
    spdlog::warn("link {}: net.ipv4.conf.{}.rp_filter stays strict, which may drop what comes in: {}",
                 uplink.options.display_name(), to.device, error.what());
  }
}

std::vector<api::LinkStatus> Uplinks::status() const {
  std::vector<api::LinkStatus> links;
  const auto clock = io::read_clock();
  const auto report = pump_.endpoint().report(clock);
  const auto now = clock.monotonic;
  for (const Uplink& uplink : uplinks_) {
    const auto* present = uplink.disabled ? "down" : "up";
    auto& link = links.emplace_back(
        status_of(uplink.options, uplink.placement, uplink.placement ? present : "absent"));
    const auto lanes = lanes_of(report, uplink.id);
    link.impair_down = shell::direction_of(uplink.impairment.down, lanes[0], now);
    link.impair_up = shell::direction_of(uplink.impairment.up, lanes[1], now);
  }
  return links;
}

void Uplinks::enable(std::string_view link) {
  Uplink& uplink = find(link);
  uplink.disabled = false;
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.enable_link(uplink.id, now); });
  spdlog::info("link {}: up by command", link);
}

void Uplinks::disable(std::string_view link) {
  Uplink& uplink = find(link);
  uplink.disabled = true;
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.disable_link(uplink.id, now); });
  spdlog::info("link {}: down by command", link);
}

void Uplinks::change(std::string_view link, const std::vector<std::pair<std::string, std::string>>& changes) {
  Uplink& uplink = find(link);
  config::LinkOptions options = uplink.options;
  for (const auto& [key, value] : changes) {
    if (const auto invalid = config::change_link(options, key, value)) {
      throw base::UsageError("link " + std::string(link) + ": " + to_string(*invalid));
    }
  }
  const auto impairment = impairment_of(options);
  uplink.options = std::move(options);
  impair(uplink, impairment);
  configure(uplink);
  spdlog::info("link {}: changed by command", link);
}

void Uplinks::set_spent(std::string_view link, bool is_spent) {
  Uplink& uplink = find(link);
  uplink.is_spent = is_spent;
  configure(uplink);
}

void Uplinks::configure(const Uplink& uplink) {
  auto settings = link_settings(uplink.options, uplink.id.value);
  if (uplink.is_spent) {
    settings.use = link::PathUse::kBackup;
    settings.cost = std::numeric_limits<std::uint32_t>::max();
  }
  pump_.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.configure_link(settings, now); });
}

Uplinks::Uplink& Uplinks::find(std::string_view link) {
  const auto found = std::ranges::find_if(
      uplinks_, [link](const Uplink& uplink) { return uplink.options.display_name() == link; });
  if (found != uplinks_.end()) return *found;
  throw base::UsageError("no link is called '" + std::string(link) + "'; `sennit link list` shows the names");
}

}  // namespace sennit::client
