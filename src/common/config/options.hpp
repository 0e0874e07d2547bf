// Everything that a gateway, a client or a shaper can be told, as plain values with their defaults.
// Filled from the TOML file (toml_file.hpp) and the command line (command_line.hpp); read by server and
// client. Says nothing about whether the values fit each other: that is validate.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/units.hpp"
#include "config/device_options.hpp"
#include "config/filter_options.hpp"
#include "config/names.hpp"
#include "config/policy_options.hpp"
#include "config/problem.hpp"
#include "config/values.hpp"
#include "crypto/keys.hpp"

namespace sennit::config {

inline constexpr const char* kDefaultControl = "/run/sennit/control.sock";
inline constexpr const char* kDefaultState = "/var/lib/sennit";
inline constexpr std::uint32_t kMaxWorkers = 64;
// Sockets of one link, and of all links together: the protocol numbers 32 paths.
inline constexpr std::uint32_t kMaxSockets = base::kMaxPaths;

// The TUN device and how packets are spread.
struct TunnelOptions {
  std::string name = "sennit0";
  std::vector<base::Prefix> addresses;  // of this host, within the tunnel
  Mode mode = Mode::kAggregate;
  std::optional<base::Bytes> mtu;  // none: computed from the links
  Offload offload = Offload::kAuto;
};

// What both kinds of endpoint have.
struct EndpointOptions {
  std::filesystem::path private_key_file;
  TunnelOptions tunnel;
  std::filesystem::path control = kDefaultControl;
  std::filesystem::path state = kDefaultState;
  LogLevel log_level = LogLevel::kInfo;
  std::vector<DeviceOptions> devices;
  std::vector<Profile> profiles;  // the file's own
  std::vector<PolicyOptions> policies;
  std::vector<FilterOptions> filters;
  Origins origins;  // by key: "private_key_file", "mtu" …
};

// A client as its gateway knows it.
struct PeerOptions {
  std::string name;
  crypto::PublicKey public_key;
  std::vector<base::IpAddress> addresses;    // none: the gateway assigns one and keeps it
  std::vector<base::Prefix> networks;        // behind the client
  std::filesystem::path preshared_key_file;  // empty: no pre-shared key
  Origins origins;
};

struct GatewayOptions {
  EndpointOptions endpoint;
  std::vector<ListenAddress> listen = default_listen();
  std::vector<PeerOptions> peers;
  std::string masquerade;  // interface out of which the tunnel's traffic is translated; empty: none
  Shaping shaping = Shaping::kTunnel;
  std::uint32_t workers = 1;  // threads that the peers are spread over

  GatewayOptions();
  // 0.0.0.0:6000 and [::]:6000.
  static std::vector<ListenAddress> default_listen();
};

// A router that shapes the traffic of devices by tc, without any tunnel. Of the endpoint's options it has
// those on control, state, log and devices.
struct ShaperOptions {
  EndpointOptions endpoint;
  std::string lan;         // the interface where the devices are
  std::string wan;         // the one to the rest of the world
  bool take_over = false;  // replace qdiscs that somebody configured, until the end
};

// An access line of the client. Exactly one of interface and address is given.
struct LinkOptions {
  std::string interface;
  base::IpAddress address;  // source address; no family where the interface is given
  std::string name;         // empty: the interface or the address
  std::uint32_t sockets = 1;
  std::optional<base::BitRate> up;    // none: measured
  std::optional<base::BitRate> down;  // none: measured
  std::uint32_t cost = 0;
  bool backup = false;
  std::optional<base::Bytes> quota;  // a month; none: it is not metered
  std::uint32_t quota_day = 1;       // of the month, on which a period begins
  // As written (link_impairment.hpp); empty: not impaired.
  std::string impair_up;
  std::string impair_down;
  std::filesystem::path folder;  // where the files that these name are
  Origins origins;

  // The name, or what stands for it.
  std::string display_name() const;
};

struct ClientOptions {
  EndpointOptions endpoint;
  std::vector<GatewayAddress> gateways;
  std::optional<crypto::PublicKey> gateway_key;
  std::filesystem::path preshared_key_file;  // empty: no pre-shared key
  std::vector<LinkOptions> links;
  std::vector<base::Prefix> routes;    // through the tunnel; 0.0.0.0/0 and ::/0 are default routes
  std::vector<base::Prefix> networks;  // behind this client
  Fallback fallback = Fallback::kNone;
  base::Duration fallback_after = std::chrono::seconds(30);
};

}  // namespace sennit::config
