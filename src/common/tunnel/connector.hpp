// The client's part of an endpoint: its links, the gateway's addresses, and when to start a handshake.
// Gives the peer its paths (one a socket, numbered by the order of the configuration), and it sessions.
// Reasons for the timing: docs/protocol.md section 2.4.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "control/initiator.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/outputs.hpp"
#include "tunnel/peer.hpp"

namespace sennit::tunnel {

class Connector {
 public:
  static constexpr base::Duration kFirstRetry = std::chrono::milliseconds(250);
  static constexpr base::Duration kLastRetry = std::chrono::seconds(2);

  // Chooses a session index that is not in use.
  using IndexSource = std::function<base::SessionIndex()>;

  Connector(const EndpointConfig& config, Peer& peer, Outputs& outputs, IndexSource new_index);

  void set_gateway_addresses(std::vector<GatewayAddress> addresses, base::Instant now);
  void attach(base::LinkId link, const Attachment& attachment, base::Instant now);
  void detach(base::LinkId link, base::Instant now);
  void enable(base::LinkId link, base::Instant now) { set_enabled(link, true, now); }
  void disable(base::LinkId link, base::Instant now) { set_enabled(link, false, now); }
  void configure(const LinkConfig& link, base::Instant now);

  // A response to one of our initiations. The established handshake, when it was one. Paths that are not up
  // turn to the gateway's address that answered first.
  std::optional<control::Established> handle_response(const base::InboundDatagram& datagram);
  void handle_cookie_reply(const base::InboundDatagram& datagram, base::Now now);

  // Starts or repeats a handshake when it is time.
  void handle_timeout(base::Now now);
  base::Instant next_wakeup() const;
  // The peer's state may have changed: think again about when to call.
  void reconsider(base::Instant now);
  std::uint64_t last_timestamp() const { return initiator_.last_timestamp(); }

 private:
  struct Link {
    LinkConfig config;
    base::PathId first_path;
    std::optional<Attachment> attachment;
    bool is_enabled = true;
    std::optional<base::SessionIndex> answered;  // our index in the last handshake answered over this link
  };

  Link* find(base::LinkId id);
  void set_enabled(base::LinkId link, bool is_enabled, base::Instant now);
  std::vector<base::Route> candidates(const Link& link, std::size_t position) const;
  void describe_path(const Link& link, std::size_t position);
  void apply(Link& link, base::Instant now);
  void hurry(base::Instant now);
  bool needs_handshake(base::Instant now) const;
  bool is_over(const Link& link, base::SocketId socket) const;
  void prefer_answering(const base::InboundDatagram& response, base::SessionIndex attempt, bool is_first);
  void send_initiation(base::Instant now);
  void send_initiation_on(const base::Route& route, base::Instant now);
  base::Duration retry_interval();

  Peer& peer_;
  Outputs& out_;
  IndexSource new_index_;
  control::Initiator initiator_;
  wire::InitiationFields offer_;
  std::vector<Link> links_;
  std::vector<GatewayAddress> gateway_;
  base::Rng rng_;
  std::optional<base::SessionIndex> answered_;  // our index in the last handshake that was completed
  std::optional<base::SessionIndex> proven_;    // the attempt that was sent again with a cookie
  unsigned attempts_ = 0;
  std::optional<base::Instant> pathless_since_;
  base::Instant next_attempt_ = base::Instant::min();
};

}  // namespace sennit::tunnel
