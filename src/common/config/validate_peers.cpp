#include "config/validate_peers.hpp"

#include <algorithm>
#include <map>

namespace sennit::config {

namespace {

// Refuses what two peers share: name, key, address or network.
template <class Value>
class Unique {
 public:
  Unique(std::string_view key, Problems& problems) : key_(key), problems_(problems) {}

  void add(const Value& value, const std::string& text, const PeerOptions& peer) {
    const auto [first, is_new] = seen_.emplace(value, &peer);
    if (is_new) return;
    problems_.add(peer.origins.of(key_),
                  text + " belongs to " + owner(*first->second, peer) + " already; give each its own");
  }

 private:
  static std::string owner(const PeerOptions& first, const PeerOptions& second) {
    if (&first == &second) return "this peer";
    const auto& origin = first.origins.whole();
    const auto line = origin.file.empty() ? std::string{} : " of line " + std::to_string(origin.line);
    return "the peer '" + first.name + "'" + line;
  }

  std::string key_;
  Problems& problems_;
  std::map<Value, const PeerOptions*> seen_;
};

void check_unique(const std::vector<PeerOptions>& peers, Problems& problems) {
  Unique<std::string> names("name", problems);
  Unique<crypto::PublicKey> keys("public_key", problems);
  Unique<base::IpAddress> addresses("address", problems);
  Unique<base::Prefix> networks("networks", problems);
  for (const auto& peer : peers) {
    if (!peer.name.empty()) names.add(peer.name, "'" + peer.name + "'", peer);
    if (peer.public_key != crypto::PublicKey{})
      keys.add(peer.public_key, "'" + peer.public_key.to_base64() + "'", peer);
    for (const auto& address : peer.addresses) addresses.add(address, address.to_string(), peer);
    for (const auto& network : peer.networks) networks.add(network, network.to_string(), peer);
  }
}

std::string list(const std::vector<base::Prefix>& prefixes) {
  std::string text;
  for (const auto& prefix : prefixes) text += (text.empty() ? "" : ", ") + prefix.network().to_string();
  return text;
}

// The client is given its address with the length of the tunnel's network and reaches the gateway through
// that network: an address outside would have no way back. What lies behind a client belongs into networks.
void check_address(const PeerOptions& peer, const base::IpAddress& address,
                   const std::vector<base::Prefix>& own, Problems& problems) {
  const auto origin = peer.origins.of("address");
  const auto home = std::ranges::find_if(own, [&](const auto& prefix) { return prefix.contains(address); });
  if (home == own.end()) {
    problems.add(origin, address.to_string() + " lies outside the tunnel's network; allowed: an address in " +
                             list(own) + ", or a network behind the client in networks");
  } else if (std::ranges::any_of(own, [&](const auto& prefix) { return prefix.address() == address; })) {
    problems.add(origin,
                 address.to_string() + " is the gateway's own address; allowed: another one in " + list(own));
  } else if (!parse_interface_address(address.to_string() + "/" + std::to_string(home->length()))) {
    problems.add(origin, address.to_string() + " is the network or broadcast address of " +
                             home->network().to_string() + "; allowed: another address in it");
  }
}

// The peer could speak for the gateway itself.
void check_network(const PeerOptions& peer, const base::Prefix& network, const std::vector<base::Prefix>& own,
                   Problems& problems) {
  const auto inside =
      std::ranges::find_if(own, [&](const auto& prefix) { return network.contains(prefix.address()); });
  if (inside == own.end()) return;
  problems.add(peer.origins.of("networks"), network.to_string() + " holds the gateway's own address " +
                                                inside->address().to_string() +
                                                "; allowed: networks without it");
}

void require(const PeerOptions& peer, std::string_view key, bool given, Problems& problems,
             const std::string& remedy) {
  if (!given && !peer.origins.was_refused(key)) problems.add(peer.origins.of(key), "is missing; " + remedy);
}

}  // namespace

void validate_peers(const GatewayOptions& options, Problems& problems) {
  const auto& own = options.endpoint.tunnel.addresses;
  check_unique(options.peers, problems);
  for (const auto& peer : options.peers) {
    require(peer, "name", !peer.name.empty(), problems, "name the client");
    require(peer, "public_key", peer.public_key != crypto::PublicKey{}, problems,
            "give what `sennit pubkey` prints on the client");
    for (const auto& address : peer.addresses) check_address(peer, address, own, problems);
    for (const auto& network : peer.networks) check_network(peer, network, own, problems);
  }
}

}  // namespace sennit::config
