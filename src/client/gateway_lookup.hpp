// Keeps the gateway's addresses known: numeric ones at once, names by asking the system, again and again
// while that fails and once more when the gateway has been silent for a while (it may have moved). Between
// the configuration and Endpoint::set_gateway_addresses(). The data path never waits for it. Invariant: an
// address once known stays until a newer answer replaces it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "client/backoff.hpp"
#include "client/name_lookup.hpp"
#include "config/names.hpp"
#include "io/driver.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::client {

class GatewayLookup {
 public:
  // All addresses known, in the order of the configuration; called at first for the numeric ones, then on
  // every change.
  using Callback = std::function<void(std::vector<tunnel::GatewayAddress>)>;

  GatewayLookup(io::Driver& driver, std::vector<config::GatewayAddress> gateways, std::uint64_t seed,
                Callback callback);
  GatewayLookup(const GatewayLookup&) = delete;
  GatewayLookup& operator=(const GatewayLookup&) = delete;

  // Starts looking names up.
  void start();
  // Whether the gateway answers: names are looked up again while it does not.
  void note_answering() { answering_ = true; }
  void note_silent();
  // A link came or went: names that could not be resolved may be now.
  void note_links_changed();

 private:
  struct Gateway {
    config::GatewayAddress configured;
    bool is_name = false;
    std::vector<base::IpAddress> addresses;
    std::unique_ptr<NameLookup> lookup;
  };

  void look_up_all();
  void finish(Gateway& gateway, std::vector<base::IpAddress> addresses);
  void try_again_in(base::Duration wait);
  bool all_known() const;
  void report();

  io::Driver& driver_;
  Callback callback_;
  Backoff backoff_;
  boost::asio::steady_timer timer_;
  std::vector<Gateway> gateways_;
  std::vector<tunnel::GatewayAddress> reported_;
  bool answering_ = false;
};

}  // namespace sennit::client
