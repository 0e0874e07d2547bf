// A running client: one gateway, many links. Joins the parts; the order of start and clean-up is
// shell::Runtime's.
//   links: netlink -> Uplinks -> endpoint      gateway: GatewayLookup -> endpoint      events: endpoint ->
//   TUN, routes
// Invariant: routes into the tunnel are set once the gateway has answered and stay until the end, so that
// nothing meant for the tunnel leaves beside it while the gateway is silent, unless the user wants that.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <vector>

#include "client/direct_way.hpp"
#include "client/gateway_lookup.hpp"
#include "client/quotas.hpp"
#include "client/silence.hpp"
#include "client/timestamp_file.hpp"
#include "client/uplinks.hpp"
#include "config/options.hpp"
#include "io/forwarding_override.hpp"
#include "shell/runtime.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::client {

class Client {
 public:
  // Acquires what a client needs; throws base::Error where something is refused.
  explicit Client(const config::ClientOptions& options);
  // Works until it is told to stop.
  void run();

 private:
  Client(const config::ClientOptions& options, const tunnel::EndpointConfig& settings);
  void handle_event(const tunnel::Event& event);
  void enter_tunnel(const tunnel::PeerUp& up);
  void turn_default_routes();
  void install_routes();
  void warn_of_addresses(const std::vector<base::Prefix>& addresses, const tunnel::PeerUp& up);
  void warn_of_families(const std::vector<base::Prefix>& addresses);
  void note_whether_answering();
  void say_that_nobody_answers(std::chrono::seconds silence) const;
  void renew_timestamp();
  void renew_timestamp_later();
  void set_quota(const std::string& link);
  std::vector<api::LinkStatus> link_status() const;
  void register_commands();
  shell::PathPlace place_of(const tunnel::PathReport& path) const;

  config::ClientOptions options_;
  shell::Runtime runtime_;
  TimestampFile timestamp_file_;
  boost::asio::steady_timer renew_timer_;
  std::vector<io::ForwardingOverride> forwarding_;
  Uplinks uplinks_;
  Quotas quotas_;
  GatewayLookup lookup_;
  Silence silence_;
  DirectWay direct_way_;
  std::vector<base::Prefix> wanted_routes_;  // into the tunnel
  crypto::PublicKey public_key_;
  bool warned_of_families_ = false;
};

// The routes into the tunnel: those asked for, and one to each of the gateway's addresses that lies in no
// network that `own` addresses bring along.
std::vector<base::Prefix> routes_into_tunnel(const std::vector<base::Prefix>& asked_for,
                                             const std::vector<base::Prefix>& gateway_addresses,
                                             const std::vector<base::Prefix>& own);

// Without the default ones.
std::vector<base::Prefix> routes_beside_default(std::vector<base::Prefix> routes);

}  // namespace sennit::client
