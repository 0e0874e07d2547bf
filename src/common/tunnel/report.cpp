#include "tunnel/report.hpp"

#include <algorithm>
#include <utility>

namespace sennit::tunnel {

std::string_view to_string(PeerState state) {
  switch (state) {
    case PeerState::kConnecting: return "connecting";
    case PeerState::kUp: return "up";
    case PeerState::kDown: return "down";
  }
  return "unknown";
}

void add_share(EndpointReport& report, EndpointReport own, const Share& share) {
  for (std::size_t i = 0; i < report.peers.size(); ++i)
    if (share.owns(report.peers[i].id)) report.peers[i] = std::move(own.peers[i]);
  report.drops += own.drops;
  // The TUN device takes what the best of all peers takes, as with one endpoint.
  wire::InnerMtu largest;
  for (const auto& peer : report.peers)
    if (peer.cipher) largest = std::max(largest, peer.mtu);
  if (largest != wire::InnerMtu{}) report.mtu = largest;
}

}  // namespace sennit::tunnel
