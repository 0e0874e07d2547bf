// Peer, as status shows it.
#include <algorithm>

#include "tunnel/peer.hpp"

namespace sennit::tunnel {

namespace {

TrafficReport report_traffic(const base::TrafficCounter& counter, base::Instant now) {
  return {counter.packets(), counter.bytes(), counter.rate(now), counter.rate_mean(now),
          counter.rate_max(now)};
}

}  // namespace

QueueReport Peer::report_queues() const {
  QueueReport report;
  report.superseded = superseded_;
  const auto add = [&report](const outbound::FairQueue* queue) {
    if (queue == nullptr) return;
    report.packets += queue->packets();
    report.bytes += queue->bytes();
    report.delay = std::max(report.delay, queue->empty() ? base::Duration{} : queue->delay());
    report.drops += queue->counts().drops;
    report.marks += queue->counts().marks;
    report.superseded += queue->counts().superseded;
  };
  for (const auto& traffic : classes_) add(traffic.queue.get());
  for (const auto& path : paths_) {
    if (!path) continue;
    add(path->own_queue.get());
    report.packets += path->lane.size();
    report.bytes += path->path.committed;
  }
  return report;
}

PeerReport Peer::report(base::Instant now) const {
  PeerReport report;
  report.id = id_;
  report.name = config_.name;
  report.state = current_ && has_usable_path() ? PeerState::kUp
                 : was_ever_up_                ? PeerState::kDown
                                               : PeerState::kConnecting;
  if (current_) {
    report.handshake_age = now - current_->established;
    report.cipher = current_->session.cipher();
  }
  report.addresses = own_role_ == Role::kClient && told_ ? told_->gateway_addresses : config_.addresses;
  report.mtu = inner_mtu_;
  report.tx = report_traffic(tx_, now);
  report.rx = report_traffic(rx_, now);
  report.resent = resent_;
  report.queue = report_queues();
  report.reordering = ended_reordering_;
  if (former_) report.reordering += former_->resequencer.counts();
  if (current_) report.reordering += current_->resequencer.counts();
  report.duplicates = duplicates_ + report.reordering.duplicates;
  for (const auto& held : paths_) {
    if (!held) continue;
    const auto& path = held->path;
    PathReport entry;
    entry.id = path.id;
    entry.link = path.link_name;
    entry.route = path.route;
    entry.state = path.state();
    entry.mtu = path.mtu;
    if (path.rtt.known()) entry.rtt = path.rtt.smoothed();
    if (path.rtt.known()) entry.rtt_min = path.rtt.minimum(now);
    entry.tx_queue_delay = path.tx_queue_delay();
    entry.rx_queue_delay = path.rx_queue_delay();
    entry.loss = path.loss.loss();
    entry.tx = report_traffic(path.tx, now);
    entry.rx = report_traffic(path.rx, now);
    entry.told_tx = path.told_rate;
    entry.capacity_tx = path.capacity.capacity();
    entry.capacity_rx = path.capacity_rx;
    entry.saturation_tx = path.capacity.saturation(now);
    entry.is_saturated_rx = path.is_saturated_rx;
    entry.cause_tx = path.cause(now);
    entry.cause_rx = path.cause_rx;
    entry.highest_tx = std::max(path.highest_tx, path.capacity.highest());
    entry.highest_rx = path.highest_rx;
    report.paths.push_back(std::move(entry));
  }
  return report;
}

}  // namespace sennit::tunnel
