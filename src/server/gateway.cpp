#include "server/gateway.hpp"

#include <net/if.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/error.hpp"
#include "config/key_file.hpp"
#include "server/gateway_settings.hpp"
#include "server/lease_file.hpp"
#include "server/tc_backend.hpp"
#include "shell/link_commands.hpp"
#include "shell/log.hpp"
#include "shell/state_file.hpp"

namespace sennit::server {

namespace {

std::string describe(const config::ListenAddress& listen) {
  const auto first = base::SocketAddress{listen.address, listen.ports.first}.to_string();
  return listen.ports.count() == 1 ? first : first + "-" + std::to_string(listen.ports.last);
}

// The rules would match nothing, and the mistake would show only as traffic that does not come back.
void check_masquerade(const std::string& interface) {
  if (interface.empty() || ::if_nametoindex(interface.c_str()) != 0) return;
  throw base::Error(
      "--masquerade " + interface +
      ": there is no interface of this name; give the one to the internet (`ip route show default` "
      "names it)");
}

// netem counts a superpacket as one packet: where it works, the kernel gets none.
config::EndpointOptions endpoint_of(const config::GatewayOptions& options) {
  auto endpoint = options.endpoint;
  auto& offload = endpoint.tunnel.offload;
  if (options.shaping != config::Shaping::kTc) return endpoint;
  if (offload == config::Offload::kAuto) offload = config::Offload::kUdp;
  if (offload == config::Offload::kTun) offload = config::Offload::kOff;
  return endpoint;
}

shell::Runtime::MakeBackend backend_of(const config::GatewayOptions& options) {
  if (options.shaping != config::Shaping::kTc) return {};
  const tc::Place place{options.endpoint.tunnel.name, options.masquerade, tc::ForeignRoot::kRefuse};
  return [place](io::Journal& journal, io::Driver& driver) {
    return std::make_unique<TcBackend>(journal, driver, place);
  };
}

}  // namespace

// What is computed before anything is acquired.
struct Gateway::Plan {
  explicit Plan(const config::GatewayOptions& options)
      : public_key(config::read_private_key(options.endpoint.private_key_file).public_key()),
        file(options.endpoint.state / shell::state_file_name("gateway", public_key)),
        leases(options.endpoint.tunnel.addresses, configured_prefixes(options), read_leases(file)),
        settings(gateway_settings(options, leases)) {
    check_masquerade(options.masquerade);
  }

  crypto::PublicKey public_key;
  std::filesystem::path file;
  Leases leases;
  tunnel::EndpointConfig settings;
};

Gateway::Gateway(const config::GatewayOptions& options) : Gateway(options, Plan(options)) {}

Gateway::Gateway(const config::GatewayOptions& options, const Plan& plan)
    : runtime_(endpoint_of(options), plan.settings, backend_of(options)) {
  if (!plan.leases.table().empty()) write_leases(plan.file, plan.leases.table());
  shell::throw_refusals(runtime_.tunnel().set_addresses(options.endpoint.tunnel.addresses));
  shell::throw_refusals(runtime_.tunnel().set_routes(routes_to_peers(plan.settings)));
  if (!options.masquerade.empty()) masquerade(options);
  listen(options.listen);
  shell::refuse_link_commands(runtime_.control(),
                              "a gateway has no links of its own; ask the client, or see `sennit status`");
  if (const auto workers = plan.settings.share.count; workers > 1) spdlog::info("{} workers", workers);
  for (const auto& peer : plan.settings.peers) {
    spdlog::info("peer {}: {}", peer.name, shell::join(peer.allowed));
  }
}

void Gateway::listen(const std::vector<config::ListenAddress>& addresses) {
  // By default both families are asked for, and a machine without IPv6 has the other one.
  const bool by_default = addresses == config::GatewayOptions::default_listen();
  for (const auto& address : addresses) {
    try {
      for (unsigned port = address.ports.first; port <= address.ports.last; ++port) {
        io::UdpOptions socket;
        socket.family = address.address.family();
        socket.bind = {address.address, static_cast<std::uint16_t>(port)};
        runtime_.workers().open_socket(std::move(socket));
      }
    } catch (const base::Error& error) {
      if (!by_default || address.address.family() != base::Family::kV6) throw;
      spdlog::warn("{}", error.what());
      continue;
    }
    spdlog::info("listening at {}", describe(address));
  }
}

void Gateway::masquerade(const config::GatewayOptions& options) {
  const auto& tunnel = options.endpoint.tunnel;
  for (const auto family : {base::Family::kV4, base::Family::kV6}) {
    const bool has_family =
        std::ranges::find(tunnel.addresses, family, &base::Prefix::family) != tunnel.addresses.end();
    if (has_family) forwarding_.emplace_back(runtime_.journal(), family);
  }
  runtime_.on_interfaces([this](auto) {
    for (auto& forwarding : forwarding_) forwarding.follow_names();
  });
  masquerade_.emplace(runtime_.journal(), tunnel.name, options.masquerade);
  spdlog::info("masquerading out of {}", options.masquerade);
}

}  // namespace sennit::server
