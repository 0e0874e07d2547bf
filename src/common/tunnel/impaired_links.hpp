// Links whose traffic is made worse on purpose, so that a bundle of bad lines can be tried on a desk: a chain
// a direction (impair/chain.hpp), and the datagrams on their way through it. Stands between the endpoint and
// its sockets: pass() behind everything outbound, hold() and release() in front of everything inbound.
// Runs are cut: each datagram meets the chain by itself. Knows a link by its sockets, and no more of it.
// Invariant: datagrams of a link that is not impaired are not copied, and with no impaired link nothing is
// looked at. Reasons: docs/impairment.md, "Links".
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/drop.hpp"
#include "base/packet.hpp"
#include "device/packet_store.hpp"
#include "device/table.hpp"
#include "impair/chain.hpp"
#include "outbound/transmit_queue.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/report.hpp"

namespace sennit::tunnel {

class ImpairedLinks {
 public:
  // What is dropped is counted in `drops`, which outlives this.
  ImpairedLinks(std::uint64_t seed, base::DropCounters& drops) : seed_(seed), drops_(drops) {}

  // The sockets of a link from now on.
  void attach(base::LinkId link, const Attachment& attachment);
  // The impairment of one direction of a link, down being towards this end; none: no more. Counts begin anew.
  void impair(base::LinkId link, device::Direction direction, const std::optional<impair::Settings>& settings,
              base::Instant now);

  // No link is impaired, and nothing of an earlier one is on its way.
  bool is_idle() const { return links_.empty(); }
  // What may go to the sockets now: of impaired links, what has come through; of the others, everything.
  // Valid until the next call.
  std::span<const base::Transmit> pass(std::span<const base::Transmit> transmits, base::Instant now);
  // Takes a copy of a datagram whose link is impaired. False: it is nobody's here, and goes on at once.
  bool hold(const base::InboundDatagram& datagram, base::Instant now);
  // The next datagram that has come through by `now`; its bytes stay until recycle().
  std::optional<base::InboundDatagram> release(base::Instant now);
  // When pass() or release() may have something again.
  base::Instant next_wakeup() const;
  // The bytes of what release() gave are no longer needed.
  void recycle();

  std::vector<LinkImpairmentReport> report() const;

 private:
  struct Lane {
    std::unique_ptr<impair::Chain> chain;
    bool is_ending = false;  // the chain goes when it is empty
  };
  using Lanes = std::array<Lane, 2>;  // by Direction
  // Whither a datagram goes; of one that came, whence, and how long it had waited to be read.
  struct Passage {
    base::Route route;
    base::Duration waited{};
  };

  Lane* lane_of(base::SocketId socket, device::Direction direction);
  void push(impair::Chain& chain, const Passage& passage, base::ConstByteSpan datagram, base::Instant now);
  void push_run(impair::Chain& chain, const base::Transmit& run, base::Instant now);
  void send_released(impair::Chain& chain, base::Instant now);
  // The bytes and the route of what has come through; none where it was dropped.
  std::optional<impair::BufferId> finish(const impair::Emission& emission);
  void forget_ended();

  std::uint64_t seed_;
  base::DropCounters& drops_;
  impair::PacketPool pool_;  // outlives the chains
  device::PacketStore store_;
  std::vector<Passage> passages_;  // by BufferId
  std::map<base::LinkId, Lanes> links_;
  std::unordered_map<base::SocketId, base::LinkId> link_of_;
  outbound::TransmitQueue released_;
  std::vector<base::Transmit> passed_;
  std::vector<impair::BufferId> lent_;
  base::Instant asked_at_;
};

}  // namespace sennit::tunnel
