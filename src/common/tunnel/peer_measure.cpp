// Peer, measuring: reports of what arrived, both ways; what they say is missing is sent again; a path that
// owes us a report is suspected, and what it carries is sent over others (protocol.md section 5.4).
#include <algorithm>

#include "outbound/seal.hpp"
#include "tunnel/peer.hpp"
#include "wire/frames.hpp"

namespace sennit::tunnel {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A frame is sent so often at the most, and not after so long.
constexpr std::uint8_t kMostSendings = 4;
constexpr base::Duration kWorthless = milliseconds(800);
// Frames stay until every gap of their age has been reported.
constexpr base::Duration kKeepFrames = milliseconds(60);
// A report is overdue after the round trip, its variation, and this.
constexpr base::Duration kReportAllowance = milliseconds(70);
constexpr base::Bytes kMostAllowance{std::uint64_t{64} << 20U};
constexpr base::Duration kLeastSuspicion = milliseconds(120);
constexpr base::BitRate kSlow{4'000'000};
// With its type and length, and as many marks and missing runs as it can hold.
constexpr std::size_t kMaxReport = 3 + 24 + 4 * wire::Report::kMaxMarks + 3 * wire::Report::kMaxMissing;
constexpr std::size_t kMaxReportFrame = 1024;

// What is known of it, that is.
bool is_slow(base::BitRate rate) {
  return rate > base::BitRate{} && rate < kSlow;
}

// As a capacity note numbers them; none where it is a later version's.
link::Cause cause_from(std::uint8_t number) {
  return number <= static_cast<std::uint8_t>(link::Cause::kSilent) ? link::Cause{number} : link::Cause::kNone;
}

}  // namespace

// On a slow way back others that are nearly due share the datagram: its headers weigh more than a report.
void Peer::send_report(PeerPath& path, base::Instant now) {
  auto& carrier = quickest_path(path.path);
  const auto room = outbound::largest_inner(carrier).value + wire::DataHeader::kSize;
  std::array<std::uint8_t, kMaxReportFrame> frame{};
  wire::ControlWriter writer(frame);
  const auto add = [&](PeerPath& of) {
    writer.add(of.reporter.make(of.path.id, current_->session.peek_window(of.path.id), now));
  };
  add(path);
  if (is_slow(carrier.capacity.capacity())) {
    for (const auto& other : paths_) {
      if (writer.written() + kMaxReport > std::min<std::size_t>(room, frame.size())) break;
      if (other && other.get() != &path && !is_silent(*other) && other->reporter.goes_along(now)) add(*other);
    }
  }
  seal_bare(carrier, base::ConstByteSpan(frame).first(writer.written()), now);
}

// The quickest way back, so that what is missing is sent again soon; where none is better, `otherwise`.
link::Path& Peer::quickest_path(link::Path& otherwise) const {
  auto* best = &otherwise;
  const auto is_good = [](const link::Path& path) {
    return path.is_usable() && !path.is_suspect && path.rtt.known() && path.use == link::PathUse::kAlways;
  };
  for (auto* path : path_list_)
    if (is_good(*path) && (!is_good(*best) || path->rtt.smoothed() < best->rtt.smoothed())) best = path;
  return *best;
}

base::Duration Peer::delay_of(base::Instant sent_at, std::uint32_t arrived_at) {
  return delay_between(control::probe_clock(sent_at), arrived_at);
}

// From our clock to the other end's, both µs modulo 2^32: meaningful beside another such delay only.
base::Duration Peer::delay_between(std::uint32_t sent_at, std::uint32_t arrived_at) {
  const auto difference = arrived_at - sent_at;
  if (!clock_offset_) clock_offset_ = difference;
  return microseconds(static_cast<std::int32_t>(difference - *clock_offset_));
}

void Peer::handle_report(const wire::Report& report, const PeerPath& carrier, base::Instant now) {
  PeerPath* path = find_path(report.path);
  if (path == nullptr || !path->path.route) return;
  const auto* newest = path->sent.find(report.highest);
  const bool is_new =
      newest != nullptr && (!path->sent.has_report() || newest->counter > path->sent.reported().counter);
  if (newest == nullptr) return;
  path->path.is_suspect = false;
  settle_awaited(*path, *newest);
  const auto counter = newest->counter;
  if (is_new) {
    const base::Duration rtt = carrier.arrived - newest->sent_at - microseconds(report.hold);
    // Only then is it this path's own.
    if (path == &carrier && rtt > base::Duration::zero()) path->path.rtt.add(rtt, now);
    measure(*path, report, *newest, rtt, now);
  }
  resend_missing(*path, report, counter, now);
  if (!is_new) return;
  const auto* reported = path->sent.find(report.highest);
  if (reported == nullptr) return;  // what was sent again has pushed it out
  path->sent.note_reported(*reported);
  note_unreported(*path, *reported);
  path->sent.forget_frames(reported->sent_at - kKeepFrames, out_.buffers);
  path->last_report = report;
}

void Peer::note_unreported(PeerPath& path, const outbound::SentDatagram& newest) {
  auto& known = path.path;
  // It was used in full, and all is well: more may be tried.
  if (known.unreported.value * 2 > known.allowance.value) known.allowance.value *= 2;
  known.allowance = std::min(known.allowance, kMostAllowance);
  known.unreported = {path.awaited.is_any() ? path.sent.bytes() - newest.bytes_through : 0};
}

void Peer::settle_awaited(PeerPath& path, const outbound::SentDatagram& newest) {
  if (newest.counter >= path.awaited.newest) {
    path.awaited = {};
  } else if (path.awaited.is_any()) {
    path.awaited.since = std::max(path.awaited.since, newest.sent_at);
    path.awaited.was_probed = false;
  }
}

void Peer::measure(PeerPath& path, const wire::Report& report, const outbound::SentDatagram& newest,
                   base::Duration rtt, base::Instant now) {
  auto least = delay_of(newest.sent_at, report.arrived_at);
  for (const auto& mark : report.marks()) {
    const auto* sent = path.sent.find(report.highest - mark.behind);
    if (sent != nullptr)
      least = std::min(
          least, delay_of(sent->sent_at, report.arrived_at - mark.before * wire::ArrivalMark::kMicroseconds));
  }
  path.path.way_out.add(least, now);
  if (!path.last_report || !path.sent.has_report()) return;
  const auto delivery = delivery_between(path, *path.last_report, report, newest, rtt);
  if (delivery.datagrams_sent == 0 || delivery.span <= base::Duration::zero()) return;
  // Copies that go everywhere are not to be told what each path can carry.
  if (classes_.front().scheduler.mode() == outbound::Mode::kRedundant) return;
  if (path.path.capacity.add(delivery, now) == link::Verdict::kForeignDelay) path.path.way_out.rebase(now);
  path.path.pacer.set_rate(path.path.capacity.rate());
  note_saturation(path, now);
}

link::Delivery Peer::delivery_between(const PeerPath& path, const wire::Report& before,
                                      const wire::Report& after, const outbound::SentDatagram& newest,
                                      base::Duration rtt) const {
  const auto& reported = path.sent.reported();
  const auto outer = base::outer_overhead(path.path.route->remote.address.family());
  link::Delivery delivery;
  const auto received = after.received - before.received;
  delivery.sent_at = newest.sent_at;
  delivery.send_span = newest.sent_at - reported.sent_at;
  delivery.span = microseconds(static_cast<std::int32_t>(after.arrived_at - before.arrived_at));
  delivery.sent = {newest.bytes_through - reported.bytes_through};
  delivery.delivered = {after.received_bytes - before.received_bytes + std::uint64_t{received} * outer};
  delivery.datagrams_sent = static_cast<std::uint32_t>(newest.counter - reported.counter);
  delivery.datagrams_lost = delivery.datagrams_sent - std::min(received, delivery.datagrams_sent);
  delivery.queue = path.path.way_out.queue();
  delivery.rtt = rtt;
  delivery.was_limited =
      path.sent.count_limited(reported.counter + 1, newest.counter) * 5 >= delivery.datagrams_sent * 4;
  return delivery;
}

void Peer::resend_missing(PeerPath& path, const wire::Report& report, std::uint64_t highest,
                          base::Instant now) {
  for (const auto& run : report.missing()) {
    if (run.behind > highest) continue;
    for (unsigned i = 0; i < run.length && i < run.behind; ++i)
      resend(path, static_cast<std::uint32_t>(highest - run.behind + i), now);
  }
}

// Sends the frame of this datagram again on the path where it arrives first; once for each time it is lost.
void Peer::resend(PeerPath& path, std::uint32_t counter, base::Instant now) {
  auto* lost = path.sent.find(counter);
  if (lost == nullptr || lost->frame.empty()) return;
  auto frame = std::exchange(lost->frame, {});
  const auto sendings = lost->sendings;
  survey();
  const base::Bytes size{frame.size() - wire::DataHeader::kSize};
  const auto choice = sendings >= kMostSendings || now - lost->sent_at > kWorthless
                          ? std::span<link::Path* const>{}
                          : classes_.front().scheduler.choose({}, size, outbound::Pace::kSparse, now);
  if (choice.empty()) return out_.buffers.give_back(std::move(frame));
  choice.front()->committed += {frame.size()};
  paths_[choice.front()->id.value]->again.push_back({std::move(frame), sendings});
}

void Peer::send_again(PeerPath& path, base::Instant now) {
  auto lost = std::move(path.again.front());
  path.again.pop_front();
  path.path.committed.value -= lost.frame.size();
  flush(now);
  seal_on(path.path, lost.frame, Keep::kNo, now);
  auto* sent = path.sent.find(static_cast<std::uint32_t>(path.sent.end() - 1));
  sent->frame = std::move(lost.frame);
  sent->sendings = static_cast<std::uint8_t>(lost.sendings + 1);
  ++resent_;
}

// Reports of what this path carries are overdue: it may be dead. Others carry what it was given.
void Peer::suspect(PeerPath& path, base::Instant now) {
  path.path.is_suspect = true;
  path.awaited = {};
  rescue(path, now);
}

void Peer::rescue(PeerPath& path, base::Instant now) {
  is_surveyed_ = false;
  survey();
  if (!current_ || !classes_.front().scheduler.has_usable()) return;
  const bool has_other = std::ranges::any_of(path_list_, [&](const link::Path* other) {
    return other != &path.path && other->is_usable() && !other->is_suspect;
  });
  if (!has_other) return;
  const auto begin = path.sent.has_report() ? path.sent.reported().counter + 1 : 0;
  const auto end = path.sent.end();
  const auto oldest = end > outbound::SentLog::kMost ? end - outbound::SentLog::kMost : 0;
  for (auto counter = std::max(begin, oldest); counter < end; ++counter)
    resend(path, static_cast<std::uint32_t>(counter), now);
  for (auto left = path.again.size(); left > 0; --left) {
    auto lost = std::move(path.again.front());
    path.again.pop_front();
    path.path.committed.value -= lost.frame.size();
    const base::Bytes size{lost.frame.size() - wire::DataHeader::kSize};
    const auto choice = classes_.front().scheduler.choose({}, size, outbound::Pace::kSparse, now);
    if (choice.empty()) {
      out_.buffers.give_back(std::move(lost.frame));
      continue;
    }
    choice.front()->committed += {lost.frame.size()};
    paths_[choice.front()->id.value]->again.push_back(std::move(lost));
  }
  for (auto left = path.lane.size(); left > 0; --left) {
    auto packet = std::move(path.lane.front());
    path.lane.pop_front();
    release(path.path, packet);
    commit(std::move(packet), now);
  }
  // Those that have no other path come back into this queue.
  for (auto left = path.own_queue ? path.own_queue->packets() : 0; left > 0; --left) {
    auto next = path.own_queue->pop(now);
    if (next) redirect(std::move(next->packet), now);
  }
}

// Modes in which each path has its own queue: to the path that the flow has now.
void Peer::redirect(outbound::Waiting packet, base::Instant now) {
  auto& traffic = class_of(packet);
  const auto choice = traffic.scheduler.choose(packet.bucket, {packet.size()}, outbound::Pace::kBulk, now);
  const bool is_copy = (packet.flags & wire::kFlagCopies) != 0;  // the others have theirs
  if (choice.empty() || is_copy) {
    out_.buffers.give_back(std::move(packet.buffer));
    return;
  }
  queue_for(traffic, *choice.front()).push(std::move(packet));
}

base::Duration Peer::report_patience(const PeerPath& path) {
  return path.path.rtt.timeout(kLeastSuspicion - kReportAllowance) + kReportAllowance;
}

// Looks after a path of which reports are owed: asks for one, then suspects it.
void Peer::run_awaited(PeerPath& path, base::Instant now) {
  auto& awaited = path.awaited;
  if (!awaited.is_any() || path.path.is_suspect) return;
  const bool is_overdue = now - awaited.since >= report_patience(path);
  if (!awaited.was_probed && (is_overdue || now >= tail_probe(path))) {
    awaited.was_probed = true;
    send_probe(path, now);
  }
  if (is_overdue) suspect(path, now);
}

base::Instant Peer::next_awaited(const PeerPath& path) const {
  const auto& awaited = path.awaited;
  if (!awaited.is_any() || path.path.is_suspect) return base::kNever;
  const auto end = awaited.since + report_patience(path);
  return awaited.was_probed ? end : std::min(end, tail_probe(path));
}

// When a report is asked for. Of a slow path only where nothing more is sent (RFC 8985 section 7): what
// follows has the loss of what went before reported, and a probe a report is 3 % of 1 Mbit/s.
base::Instant Peer::tail_probe(const PeerPath& path) {
  const auto patience = report_patience(path);
  const auto halfway = path.awaited.since + patience / 2;
  if (!is_slow(path.path.capacity.capacity()) && !is_slow(path.path.capacity_rx)) return halfway;
  return std::max(halfway, path.path.last_inner_sent.value_or(path.awaited.since) + patience / 4);
}

wire::CapacityNote Peer::capacity_note(const PeerPath& path, base::Instant now) const {
  const auto& capacity = path.path.capacity;
  return {path.path.id, capacity.saturation(now) != link::Limit::kNone,
          static_cast<std::uint8_t>(path.path.cause(now)), capacity.capacity()};
}

void Peer::handle_capacity_note(const wire::CapacityNote& note) {
  PeerPath* path = find_path(note.path);
  if (path == nullptr) return;
  path->path.capacity_rx = note.capacity;
  path->path.cause_rx = cause_from(note.cause);
  if (std::exchange(path->path.is_saturated_rx, note.is_saturated) == note.is_saturated) return;
  out_.events.emplace_back(PathSaturated{id_, note.path, path->path.link_name, device::Way::kIn,
                                         note.is_saturated, path->path.cause_rx, note.capacity});
}

void Peer::note_saturation(PeerPath& path, base::Instant now) {
  const auto limit = path.path.capacity.saturation(now);
  if (limit == path.last_limit) return;
  path.last_limit = limit;
  out_.events.emplace_back(PathSaturated{id_, path.path.id, path.path.link_name, device::Way::kOut,
                                         limit != link::Limit::kNone, link::cause_of(limit),
                                         path.path.capacity.capacity()});
}

}  // namespace sennit::tunnel
