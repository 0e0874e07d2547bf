// The gateway's part of an endpoint: answers handshakes of the peers it knows (protocol.md sections 2 and 3).
// Admission before cost, timestamps before state; a session made here waits, unconfirmed, at its peer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "control/admission.hpp"
#include "control/responder.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/outputs.hpp"
#include "tunnel/peer.hpp"

namespace sennit::tunnel {

class Acceptor {
 public:
  using IndexSource = std::function<base::SessionIndex()>;

  Acceptor(const EndpointConfig& config, Outputs& outputs, IndexSource new_index);

  // Lets this peer in. Called once for each, in the order of the configuration.
  void add_peer(Peer& peer);
  // An initiation as it came from the network. The peer that got a new, unconfirmed session, if one did; that
  // of another endpoint's peer becomes a stray.
  Peer* handle_initiation(const base::InboundDatagram& datagram, base::Instant now);
  // The same of one that another endpoint has admitted.
  Peer* handle_admitted(const base::InboundDatagram& datagram, base::Instant now);

 private:
  struct Known {
    Peer* peer = nullptr;
    std::uint64_t newest_timestamp = 0;
  };

  // The plain frame; none: it was counted, or answered as before.
  std::optional<wire::Initiation> parse(const base::InboundDatagram& datagram, base::Instant now);
  bool admit(const wire::Initiation& initiation, const base::InboundDatagram& datagram, base::Instant now);
  Peer* handle(const wire::Initiation& initiation, const base::InboundDatagram& datagram, base::Instant now);
  Peer* accept(control::Call& call, Known& known, const base::InboundDatagram& datagram, base::Instant now);
  void report_stranger(const crypto::PublicKey& key, const base::SocketAddress& from, base::Instant now);
  void reply(const base::InboundDatagram& to, base::ConstByteSpan answer);

  Outputs& out_;
  Share share_;
  IndexSource new_index_;
  std::vector<base::Prefix> addresses_;
  std::string software_;
  control::Admission admission_;
  control::Responder responder_;
  std::map<crypto::PublicKey, Known> known_;
  base::Instant last_stranger_ = base::Instant::min();
};

}  // namespace sennit::tunnel
