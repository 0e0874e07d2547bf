// The other end, and all that runs between it and us: sessions, paths, and the stages in their order. This is
// the only place where the order of the stages is written; the steps are in the order in which a packet meets
// them.
//   peer_outbound.cpp   send():    MTU -> split -> queue -> schedule -> sequence -> bundle -> seal
//   peer_inbound.cpp    receive(): open -> route -> frame -> deduplicate / reassemble -> resequence -> source
//                       check -> MSS -> coalesce
//   peer_control.cpp    probes, echoes, announcements, path MTU
//   peer_measure.cpp    reports, capacity, what is sent again
//   peer_paths.cpp      routes, path states, when each path is to be looked after
//   peer_report.cpp     what status shows
//   peer.cpp            sessions and time
// Invariant: nothing is sent without a confirmed session; see docs/protocol.md.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/packet.hpp"
#include "base/traffic.hpp"
#include "inbound/open.hpp"
#include "inbound/reassemble.hpp"
#include "outbound/bundle.hpp"
#include "outbound/schedule.hpp"
#include "outbound/split.hpp"
#include "tunnel/allowed_ips.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/live_session.hpp"
#include "tunnel/outputs.hpp"
#include "tunnel/peer_path.hpp"
#include "tunnel/report.hpp"
#include "tunnel/traffic_class.hpp"
#include "wire/frames.hpp"
#include "wire/ip.hpp"

namespace sennit::tunnel {

class Peer {
 public:
  // How long a packet waits for an earlier one of another path; the first before round trips are known.
  static constexpr base::Duration kFirstPatience = std::chrono::milliseconds(50);
  static constexpr base::Duration kLeastPatience = std::chrono::milliseconds(10);
  static constexpr base::Duration kLongestPatience = std::chrono::milliseconds(500);
  // What it takes to notice and report a loss, beside the round trips.
  static constexpr base::Duration kRepairAllowance = std::chrono::milliseconds(60);

  // What classify and the policies say of a packet.
  struct Kind {
    base::FlowBucket bucket;
    outbound::ClassId traffic;
  };

  Peer(base::PeerId id, Role own_role, PeerConfig config, const EndpointConfig& endpoint, AllowedIps& allowed,
       Outputs& outputs);

  base::PeerId id() const { return id_; }
  const PeerConfig& config() const { return config_; }

  // --- sessions (peer.cpp) ---
  // Client: a handshake is over; the session is used at once.
  void start_session(crypto::Session session, PeerUp greeting, base::Instant now);
  // Gateway: a response was sent; the session waits for the client's first datagram.
  void add_unconfirmed(crypto::Session session, PeerUp greeting, base::Instant now);
  // The session with this local index, if it may still be used for receiving.
  LiveSession* find_session(base::SessionIndex local, base::Instant now);
  bool has_session() const { return current_ != nullptr; }
  // When the current session was established; none without one.
  std::optional<base::Instant> session_since() const;
  bool wants_rekey(base::Instant now) const { return !current_ || current_->wants_rekey(now); }
  // Indices that lead to this peer, for the endpoint's table.
  std::vector<base::SessionIndex> local_indices() const;
  // Says goodbye on the paths that are up.
  void close(base::Instant now);

  // --- data path ---
  // Inner packets of one flow for this peer, which is marked as touched; `ip` describes what they were cut
  // from. Too big: answered with ICMP.
  void send(outbound::Splitter& packets, const wire::IpPacket& ip, Kind kind, base::Instant now);
  // The end of every call: seals what send() has gathered, and keeps what receive() holds back.
  void settle(base::Instant now);
  // A sealed datagram of `session`.
  void receive(LiveSession& session, const wire::SealedHeader& header, const base::InboundDatagram& datagram,
               base::Instant now);

  // --- time ---
  // The endpoint's mark that this peer is among those to look after at the end of a call. Returns the mark
  // before.
  bool mark_touched(bool is_touched) {
    is_surveyed_ = is_surveyed_ && is_touched_;
    return std::exchange(is_touched_, is_touched);
  }
  void handle_timeout(base::Instant now);
  base::Instant next_wakeup(base::Instant now) const;

  // --- paths ---
  PeerPath* find_path(base::PathId id) { return paths_[id.value].get(); }
  PeerPath& find_or_make_path(base::PathId id);
  // Client: the path's candidates and link MTU are as given now; empty candidates detach it.
  void attach_path(base::PathId id, std::vector<base::Route> candidates, link::PathMtu link_mtu,
                   base::Instant now);
  // Client: the path, unless it is up, tries this address of the gateway next, if it may.
  void prefer_address(base::PathId id, const base::IpAddress& address);
  // Client: something that the gateway must know of this path has changed.
  void announce_path(base::PathId id, base::Instant now);
  // The kernel refused a datagram of `size` bytes. False: no path of this peer has this route.
  bool note_too_big(const base::Route& route, std::size_t size, base::Instant now);
  bool has_usable_path() const;

  // The largest inner packet that is sent without fragmentation.
  wire::InnerMtu inner_mtu() const { return inner_mtu_; }
  // ICMP answers come from this address of ours, by family.
  void set_own_addresses(const std::vector<base::Prefix>& addresses);
  PeerReport report(base::Instant now) const;

 private:
  std::span<link::Path* const> path_list() const { return path_list_; }

  // Is a copy of the frame kept, to be sent again if it is lost?
  enum class Keep : std::uint8_t {
    kNo,
    kYes,
    kElsewhere,  // other paths carry the same: no report is awaited
  };

  // outbound
  void survey();
  void send_packet(const base::InnerPacket& packet, base::FlowBucket bucket, TrafficClass& traffic,
                   base::Instant now);
  void wait_for_path(const base::InnerPacket& packet, base::FlowBucket bucket, TrafficClass& traffic,
                     base::Instant now);
  bool is_free(const link::Path& path, base::Instant now) const;
  TrafficClass& class_of(const outbound::Waiting& packet) { return classes_[packet.traffic.value]; }
  outbound::FairQueue& queue_for(TrafficClass& traffic, const link::Path& path);
  void send_copies(const base::InnerPacket& packet, base::FlowBucket bucket,
                   std::span<link::Path* const> paths, TrafficClass& traffic, base::Instant now);
  void drain(base::Instant now);
  bool has_waiting() const;
  bool has_waiting_for(const PeerPath& path) const;
  void commit_waiting(TrafficClass& traffic, base::Instant now);
  void commit(outbound::Waiting packet, base::Instant now);
  void drain_path(PeerPath& path, base::Instant now);
  void send_first(PeerPath& path, base::Instant now);
  void send_own(PeerPath& path, base::Instant now);
  void release(link::Path& path, const outbound::Waiting& packet);
  void transmit_waiting(PeerPath& path, outbound::Waiting packet, base::Instant now);
  void transmit(link::Path& path, const base::InnerPacket& packet, base::FlowBucket bucket,
                base::FlowSequence sequence, std::uint8_t flags, base::Instant now);
  void send_small(base::ByteSpan packet, base::FlowBucket bucket, base::FlowSequence sequence,
                  link::Path& path, base::Instant now);
  void send_fragments(const base::InnerPacket& inner, base::FlowBucket bucket, TrafficClass& traffic,
                      base::Instant now);
  void refuse_too_big(outbound::Splitter& packets, base::Instant now);
  void flush(base::Instant now);
  Keep keep_on(const link::Path& path, base::Instant now) const;
  void seal_on(link::Path& path, base::ConstByteSpan frame, Keep keep, base::Instant now);
  // A frame of control, of which no report is awaited.
  outbound::SentDatagram& seal_bare(link::Path& path, base::ConstByteSpan frame, base::Instant now);
  void renumber_waiting();
  void drop_waiting();

  // inbound
  void note_arrival(const LiveSession& session, PeerPath& path, const base::InboundDatagram& datagram,
                    const inbound::Opened& opened, base::Instant now);
  void handle_frame(LiveSession& session, PeerPath& path, base::ByteSpan frame, std::size_t datagram_size,
                    base::Instant now);
  void handle_data(LiveSession& session, const PeerPath& path, base::ByteSpan frame, base::Instant now);
  void handle_bundle(LiveSession& session, const PeerPath& path, base::ByteSpan frame, base::Instant now);
  void handle_fragment(LiveSession& session, const PeerPath& path, base::ConstByteSpan frame,
                       base::Instant now);
  void resequence(LiveSession& session, const PeerPath& path, const inbound::Arrived& arrived,
                  base::Instant now);
  void deliver(std::span<const base::InnerPacket> packets, base::Instant now);
  void deliver_one(base::InnerPacket packet, base::Instant now);

  // control
  void handle_control(LiveSession& session, PeerPath& path, base::ConstByteSpan frame,
                      std::size_t datagram_size, base::Instant now);
  void handle_probe(const LiveSession& session, PeerPath& path, const wire::Probe& probe,
                    std::size_t datagram_size, base::Instant now);
  void handle_echo(PeerPath& path, const wire::Probe& probe, base::Instant now);
  void handle_announcement(const wire::PathAnnouncement& announced, std::uint32_t stamp, base::Instant now);
  void handle_close(const LiveSession& session, base::Instant now);
  void send_probe(PeerPath& path, base::Instant now);
  void send_echo(PeerPath& path, base::Instant now);
  void send_mtu_probe(PeerPath& path, base::Instant now);
  wire::Probe make_probe(const PeerPath& path, base::Instant now);
  // Client: this path was given up, or works again.
  void tell_gateway(base::PathId id, base::Instant now);
  void add_announcements(const PeerPath& carrier, std::size_t room, wire::ControlWriter& out,
                         base::Instant now);
  void acknowledge_announcements(base::PathId carrier, std::uint32_t echo);
  void try_candidate(PeerPath& path, std::size_t candidate);

  // measuring
  void send_report(PeerPath& path, base::Instant now);
  base::Duration delay_of(base::Instant sent_at, std::uint32_t arrived_at);
  base::Duration delay_between(std::uint32_t sent_at, std::uint32_t arrived_at);
  void handle_capacity_note(const wire::CapacityNote& note);
  void handle_report(const wire::Report& report, const PeerPath& carrier, base::Instant now);
  link::Path& quickest_path(link::Path& otherwise) const;
  void settle_awaited(PeerPath& path, const outbound::SentDatagram& newest);
  void measure(PeerPath& path, const wire::Report& report, const outbound::SentDatagram& newest,
               base::Duration rtt, base::Instant now);
  link::Delivery delivery_between(const PeerPath& path, const wire::Report& before, const wire::Report& after,
                                  const outbound::SentDatagram& newest, base::Duration rtt) const;
  void resend_missing(PeerPath& path, const wire::Report& report, std::uint64_t highest, base::Instant now);
  void resend(PeerPath& path, std::uint32_t counter, base::Instant now);
  void send_again(PeerPath& path, base::Instant now);
  static void note_unreported(PeerPath& path, const outbound::SentDatagram& newest);
  void suspect(PeerPath& path, base::Instant now);
  void rescue(PeerPath& path, base::Instant now);
  void redirect(outbound::Waiting packet, base::Instant now);
  static base::Duration report_patience(const PeerPath& path);
  static base::Instant tail_probe(const PeerPath& path);
  void run_awaited(PeerPath& path, base::Instant now);
  base::Instant next_awaited(const PeerPath& path) const;
  void note_saturation(PeerPath& path, base::Instant now);
  wire::CapacityNote capacity_note(const PeerPath& path, base::Instant now) const;

  // time
  void retire(std::unique_ptr<LiveSession> session);
  std::vector<LiveSession*> sessions_in_use() const;
  bool is_silent(const PeerPath& path) const;
  base::Instant route_expiry(const PeerPath& path) const;
  base::Instant next_mtu_probe(const PeerPath& path) const;
  void run_path(PeerPath& path, base::Instant now);
  base::Instant next_wakeup_of(const PeerPath& path) const;
  base::Instant next_departure(const PeerPath& path, base::Instant now) const;
  QueueReport report_queues() const;
  void note_state(PeerPath& path, base::Instant now);
  static void take_mtu(PeerPath& path);
  void update_mtu();
  void update_patience(base::Instant now);
  void drop_expired(base::Instant now);
  void confirm(const LiveSession& session, base::Instant now);
  void make_current(std::unique_ptr<LiveSession> session, base::Instant now);
  void forget_sessions(DownReason reason, base::Instant now);

  base::PeerId id_;
  Role own_role_;
  PeerConfig config_;
  std::optional<wire::InnerMtu> fixed_mtu_;
  AllowedIps& allowed_;  // of all peers
  Outputs& out_;

  std::unique_ptr<LiveSession> current_;
  std::unique_ptr<LiveSession> former_;
  base::Instant former_until_ = base::kNever;
  std::vector<std::unique_ptr<LiveSession>> unconfirmed_;  // oldest first
  bool is_touched_ = false;
  bool is_surveyed_ = false;  // the scheduler knows the paths as they are in this call
  bool was_ever_up_ = false;
  std::optional<PeerUp> told_;  // the last PeerUp event, until PeerDown

  std::array<std::unique_ptr<PeerPath>, base::kMaxPaths> paths_;
  std::vector<link::Path*> path_list_;        // those that exist, by id
  std::vector<TrafficClass> classes_;         // by ClassId: the first is what no policy matches
  std::size_t first_class_ = 0;               // whose turn it is to give the paths what waits
  std::unique_ptr<outbound::Bundle> bundle_;  // made when the first small packet comes
  link::Path* bundle_path_ = nullptr;         // where it goes; null: it is empty
  inbound::Reassembler reassembler_;
  base::Duration patience_ = kFirstPatience;
  base::Duration repair_patience_ = kFirstPatience;
  wire::InnerMtu inner_mtu_;
  base::IpAddress own_v4_;
  base::IpAddress own_v6_;
  base::Instant icmp_window_ = base::Instant::min();
  unsigned icmp_in_window_ = 0;

  base::TrafficCounter tx_;
  base::TrafficCounter rx_;
  std::uint64_t duplicates_ = 0;
  std::uint64_t superseded_ = 0;  // in a bundle; see also FairQueue
  std::uint64_t resent_ = 0;
  std::optional<std::uint32_t> clock_offset_;        // the other end's clock minus ours, µs, when first seen
  inbound::ResequencerCounts ended_reordering_;      // of sessions that are gone
  std::vector<std::unique_ptr<LiveSession>> ended_;  // in this call
  std::vector<std::unique_ptr<LiveSession>> ended_before_;  // in the one before
};

}  // namespace sennit::tunnel
