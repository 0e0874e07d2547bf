// Peer, control: probes and their echoes, path announcements, path MTU probes, close (protocol.md
// sections 5.4 and 6).
#include <algorithm>
#include <chrono>

#include "outbound/seal.hpp"
#include "tunnel/peer.hpp"
#include "wire/frames.hpp"

namespace sennit::tunnel {

namespace {

using std::chrono::microseconds;

// A probe and announcements of all paths.
constexpr std::size_t kMaxControlFrame = 1024;
// Jumbo frames; what claims to be larger is not an access line.
constexpr link::PathMtu kLargestLinkMtu{9216};
// The longest path message, its type and length included.
constexpr std::size_t kMaxPathMessage =
    3 + wire::PathAnnouncement::kMinSize + wire::PathAnnouncement::kMaxName;
// Larger round trips are not believed.
constexpr base::Duration kMaxRtt = std::chrono::seconds(60);
// Time for the echo of a padded probe: longer than it takes to give up the path itself.
constexpr base::Duration kLeastMtuProbeTimeout = std::chrono::milliseconds(200);

// A path that works, or has not been tried yet, speaks for itself, so that the gateway learns where it leads.
bool speaks_for_itself(const link::Path& path) {
  return path.route && !path.withdrawn && (path.is_usable() || !path.has_been_up());
}

wire::AnnouncedState announced_state(const link::Path& path) {
  if (!speaks_for_itself(path)) return wire::AnnouncedState::kDown;
  return path.use == link::PathUse::kBackup ? wire::AnnouncedState::kBackup : wire::AnnouncedState::kUp;
}

}  // namespace

void Peer::handle_control(LiveSession& session, PeerPath& path, base::ConstByteSpan frame,
                          std::size_t datagram_size, base::Instant now) {
  wire::ControlReader reader(frame);
  std::optional<std::uint32_t> stamp;
  bool is_closed = false;
  while (const auto message = reader.next()) {
    bool is_sound = true;
    switch (static_cast<wire::ControlType>(message->type)) {
      case wire::ControlType::kPadding: break;
      case wire::ControlType::kProbe:
        if (const auto probe = wire::Probe::parse(message->body); (is_sound = probe.has_value())) {
          stamp = probe->sent_at;
          handle_probe(session, path, *probe, datagram_size, now);
        }
        break;
      case wire::ControlType::kPath:
        if (const auto announced = wire::PathAnnouncement::parse(message->body);
            (is_sound = announced.has_value() && stamp.has_value())) {
          if (&session == current_.get()) handle_announcement(*announced, *stamp, now);
        }
        break;
      case wire::ControlType::kClose:
        is_closed = is_sound = wire::Close::parse(message->body).has_value();
        break;
      case wire::ControlType::kReport:
        if (const auto report = wire::Report::parse(message->body); (is_sound = report.has_value())) {
          if (&session == current_.get()) handle_report(*report, path, now);
        }
        break;
      case wire::ControlType::kCapacity:
        if (const auto note = wire::CapacityNote::parse(message->body); (is_sound = note.has_value()))
          handle_capacity_note(*note);
        break;
    }
    if (!is_sound) out_.drops.count(base::DropReason::kMalformedFrame);
  }
  if (!reader.ok()) out_.drops.count(base::DropReason::kMalformedFrame);
  if (is_closed) handle_close(session, now);
}

void Peer::handle_probe(const LiveSession& session, PeerPath& path, const wire::Probe& probe,
                        std::size_t datagram_size, base::Instant now) {
  path.heard = HeardProbe{probe.sent_at, path.arrived, static_cast<std::uint16_t>(datagram_size)};
  path.path.note_one_way_delay(probe.sent_at, control::probe_clock(path.arrived), now);
  if (&session == current_.get()) path.path.loss.report(probe.received, probe.expected);
  if (probe.has_echo) handle_echo(path, probe, now);
  if (probe.wants_reply && path.path.route && current_) send_echo(path, now);
  note_state(path, now);
}

void Peer::handle_echo(PeerPath& path, const wire::Probe& probe, base::Instant now) {
  if (!path.path.route) return;
  const base::Duration rtt =
      microseconds(static_cast<std::uint32_t>(control::probe_clock(path.arrived) - probe.echo - probe.hold));
  if (rtt <= kMaxRtt) path.path.rtt.add(rtt, now);
  path.path.is_suspect = false;
  // The probe came after them: had inner packets been lost, they would be reported as missing.
  const auto last_inner = path.path.last_inner_sent.value_or(base::Instant::min());
  if (static_cast<std::int32_t>(probe.echo - control::probe_clock(last_inner)) > 0) {
    path.awaited = {};
    path.path.unreported = {};
  }
  path.path.way_out.add(delay_between(probe.echo, probe.sent_at - probe.hold), now);
  const bool was_given_up = path.path.has_been_up() && !path.path.is_usable() && !path.path.withdrawn;
  if (path.prober.note_echo(probe.echo)) path.path.mark_reachable();
  acknowledge_announcements(path.path.id, probe.echo);
  const auto ip_size = probe.echo_size + base::outer_overhead(path.path.route->remote.address.family());
  path.mtu.note_echo(link::PathMtu{static_cast<std::uint16_t>(std::min(ip_size, 0xFFFFU))}, now);
  take_mtu(path);
  update_mtu();
  if (!was_given_up || !path.path.is_usable()) return;
  path.path.loss = {};  // the silence was counted as loss
  tell_gateway(path.path.id, now);
}

void Peer::handle_announcement(const wire::PathAnnouncement& announced, std::uint32_t stamp,
                               base::Instant now) {
  if (own_role_ == Role::kClient) return;
  PeerPath& path = find_or_make_path(announced.path);
  // Announcements of one path may come over several: one that was overtaken is old news.
  if (path.last_announced && static_cast<std::int32_t>(stamp - *path.last_announced) < 0) return;
  path.last_announced = stamp;
  path.path.link_name = announced.name;
  path.path.withdrawn = announced.state == wire::AnnouncedState::kDown;
  path.path.use =
      announced.state == wire::AnnouncedState::kBackup ? link::PathUse::kBackup : link::PathUse::kAlways;
  path.path.told_rate = announced.rate;
  path.path.capacity.tell(announced.rate);
  path.path.pacer.set_rate(path.path.capacity.rate());
  path.path.cost = announced.cost;
  const auto link_mtu = std::min(link::PathMtu{announced.link_mtu}, kLargestLinkMtu);
  if (link_mtu != path.path.link_mtu && link_mtu >= control::PathMtuSearch::kFloor) {
    path.path.link_mtu = link_mtu;
    path.mtu.restart(link_mtu);
    path.path.mtu = path.mtu.current();
  }
  note_state(path, now);
  update_mtu();
}

void Peer::handle_close(const LiveSession& session, base::Instant now) {
  if (&session == current_.get()) {
    forget_sessions(DownReason::kClosed, now);
  } else if (&session == former_.get()) {
    retire(std::move(former_));
  }
}

wire::Probe Peer::make_probe(const PeerPath& path, base::Instant now) {
  const auto& window = current_->session.peek_window(path.path.id);
  wire::Probe probe;
  probe.sent_at = control::probe_clock(now);
  probe.received = static_cast<std::uint32_t>(window.received());
  probe.expected = static_cast<std::uint32_t>(window.expected());
  if (path.heard) {
    probe.has_echo = true;
    probe.echo = path.heard->sent_at;
    probe.echo_size = path.heard->size;
    probe.hold =
        static_cast<std::uint32_t>(std::chrono::duration_cast<microseconds>(now - path.heard->at).count());
  }
  return probe;
}

void Peer::send_probe(PeerPath& path, base::Instant now) {
  std::array<std::uint8_t, kMaxControlFrame> frame{};
  wire::ControlWriter writer(frame);
  auto probe = make_probe(path, now);
  probe.wants_reply = true;
  writer.add(probe);
  // What does not fit goes with the next probe.
  const auto room = outbound::largest_inner(path.path).value + wire::DataHeader::kSize;
  writer.add(capacity_note(path, now));
  add_announcements(path, std::min<std::size_t>(room, frame.size()), writer, now);
  seal_bare(path.path, base::ConstByteSpan(frame).first(writer.written()), now);
  path.prober.note_probe_sent(now);
}

void Peer::send_echo(PeerPath& path, base::Instant now) {
  std::array<std::uint8_t, kMaxControlFrame> frame{};
  wire::ControlWriter writer(frame);
  writer.add(make_probe(path, now));
  writer.add(capacity_note(path, now));
  seal_bare(path.path, base::ConstByteSpan(frame).first(writer.written()), now);
}

void Peer::send_mtu_probe(PeerPath& path, base::Instant now) {
  std::array<std::uint8_t, 0xFFFF> frame;
  const auto size = path.mtu.probe_size().value -
                    base::outer_overhead(path.path.route->remote.address.family()) - outbound::kSealOverhead;
  wire::ControlWriter writer(frame);
  auto probe = make_probe(path, now);
  probe.wants_reply = true;
  writer.add(probe);
  writer.pad_to(size);
  seal_bare(path.path, base::ConstByteSpan(frame).first(writer.written()), now);
  path.mtu.note_sent(path.path.rtt.timeout(kLeastMtuProbeTimeout), now);
}

void Peer::announce_path(base::PathId id, base::Instant now) {
  PeerPath& path = find_or_make_path(id);
  path.announcement.demand();
  if (!current_) return;
  const auto carrier = std::ranges::find_if(path_list_, &link::Path::is_usable);
  if (!speaks_for_itself(path.path) && carrier != path_list_.end()) {
    send_probe(*paths_[(*carrier)->id.value], now);
  } else if (path.path.route) {
    send_probe(path, now);
  }
}

void Peer::add_announcements(const PeerPath& carrier, std::size_t room, wire::ControlWriter& out,
                             base::Instant now) {
  for (auto& held : paths_) {
    if (!held || !held->announcement.is_pending()) continue;
    if (speaks_for_itself(held->path) && held.get() != &carrier) continue;
    if (out.written() + kMaxPathMessage > room) return;
    held->announcement.note_carried(carrier.path.id, control::probe_clock(now));
    wire::PathAnnouncement announced;
    announced.path = held->path.id;
    announced.state = announced_state(held->path);
    announced.link_mtu = held->path.link_mtu.value;
    announced.rate = held->rate_for_peer;
    announced.cost = held->path.cost;
    announced.name = held->path.link_name;
    out.add(announced);
  }
}

void Peer::acknowledge_announcements(base::PathId carrier, std::uint32_t echo) {
  for (auto& held : paths_) {
    if (held) held->announcement.note_echo(carrier, echo);
  }
}

}  // namespace sennit::tunnel
