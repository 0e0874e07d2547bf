#include "outbound/fair_queue.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "outbound/classify.hpp"
#include "wire/ecn.hpp"
#include "wire/tcp_ack.hpp"

namespace sennit::outbound {

namespace {

// Longer is no acknowledgement: IPv6 and TCP with time stamps.
constexpr std::size_t kLongestAck = 72;
// Beside others a connection's acknowledgements get one turn each, and one in so many where they come closer
// together than this: a download goes on as well with few of them, and those that wait give way to the
// newest.
constexpr base::Duration kAckSpacing = std::chrono::milliseconds(20);
constexpr std::size_t kTurnsPerAck = 10;
// A flow that answers no drop is not let wait for longer, but for so many packets on a slow line.
constexpr base::Duration kTooLong = std::chrono::seconds(2);
constexpr std::size_t kKeptAnyway = 32;

}  // namespace

FairQueue::Flow& FairQueue::flow_of(base::FlowBucket bucket) {
  if (flows_.empty()) flows_.resize(kFlowBuckets);
  auto& slot = flows_[bucket.value % kFlowBuckets];
  if (!slot) slot = std::make_unique<Flow>();
  return *slot;
}

bool FairQueue::holds(base::FlowBucket bucket) const {
  if (flows_.empty()) return false;
  const auto& flow = flows_[bucket.value % kFlowBuckets];
  return flow && !flow->packets.empty();
}

Waiting FairQueue::copy_of(const base::InnerPacket& packet, base::FlowBucket bucket, base::Instant now) {
  const base::ConstByteSpan with_headroom(packet.bytes.data() - base::kHeadroom,
                                          packet.bytes.size() + base::kHeadroom);
  Waiting waiting;
  waiting.buffer = pool_.copy_of(with_headroom);
  waiting.bucket = bucket;
  waiting.since = now;
  waiting.checksum = packet.checksum;
  return waiting;
}

void FairQueue::push(Waiting packet) {
  Flow& flow = flow_of(packet.bucket);
  const auto size = packet.size();
  if (replaces_last(flow, packet)) return;
  flow.packets.push_back(std::move(packet));
  flow.bytes += size;
  ++packets_;
  bytes_ += size;
  if (!flow.is_listed) {
    flow.is_listed = true;
    flow.deficit = kQuantum;
    sparse_.push_back(&flow);
  }
  while (bytes_ > kMaxBytes) shorten_longest();
}

void FairQueue::push_newest(Waiting packet, std::size_t most) {
  Flow& flow = flow_of(packet.bucket);
  push(std::move(packet));
  while (flow.packets.size() > most) drop(take_first(flow));
}

// An acknowledgement takes the place of the one before it that has not gone yet.
bool FairQueue::replaces_last(Flow& flow, Waiting& packet) {
  if (flow.packets.empty()) return false;
  Waiting& last = flow.packets.back();
  if (last.flags != 0 || !wire::supersedes(packet.packet().bytes, last.packet().bytes)) return false;
  std::swap(last.buffer, packet.buffer);
  last.checksum = packet.checksum;
  ++counts_.superseded;
  pool_.give_back(std::move(packet.buffer));
  return true;
}

std::size_t FairQueue::clear() {
  for (auto& flow : flows_) {
    if (!flow) continue;
    for (auto& packet : flow->packets) pool_.give_back(std::move(packet.buffer));
  }
  flows_.clear();
  sparse_.clear();
  bulk_.clear();
  bytes_ = 0;
  return std::exchange(packets_, 0);
}

std::size_t FairQueue::clear_numbered() {
  const auto before = packets_;
  for (auto& flow : flows_) {
    if (!flow) continue;
    std::erase_if(flow->packets, [&](Waiting& packet) {
      if (!packet.sequence) return false;
      flow->bytes -= packet.size();
      bytes_ -= packet.size();
      --packets_;
      pool_.give_back(std::move(packet.buffer));
      return true;
    });
  }
  return before - packets_;
}

Waiting FairQueue::take_first(Flow& flow) {
  Waiting first = std::move(flow.packets.front());
  flow.packets.pop_front();
  flow.bytes -= first.size();
  --packets_;
  bytes_ -= first.size();
  return first;
}

void FairQueue::drop(Waiting&& packet) {
  ++counts_.drops;
  pool_.give_back(std::move(packet.buffer));
}

void FairQueue::shorten_longest() {
  const auto bytes_of = [](const auto& flow) { return flow ? flow->bytes : 0; };
  drop(take_first(**std::ranges::max_element(flows_, {}, bytes_of)));
}

std::optional<Waiting> FairQueue::pop_from(Flow& flow, base::Instant now) {
  while (!flow.packets.empty()) {
    Waiting packet = take_first(flow);
    delay_ = now - packet.since;
    const bool is_too_late = delay_ > kTooLong && flow.packets.size() >= kKeptAnyway;
    if (!is_too_late && !flow.codel.drops(delay_, flow.packets.empty(), codel_, now)) return packet;
    if (!is_too_late && wire::mark_congestion(packet.packet().bytes)) {
      ++counts_.marks;
      return packet;
    }
    drop(std::move(packet));
  }
  return std::nullopt;
}

// What a packet takes of its flow's turn.
std::size_t FairQueue::cost_of(Flow& flow, Waiting& packet, base::Instant now) {
  const auto size = packet.size();
  if (size > kLongestAck || !wire::is_acknowledgement(packet.packet().bytes)) return size;
  const bool is_close = now < flow.next_ack;
  flow.next_ack = now + kAckSpacing;
  return is_close ? kTurnsPerAck * kQuantum : kQuantum;
}

// RFC 8290 section 4.2: new flows first; a flow whose deficit is used up goes behind all others.
std::optional<FairQueue::Next> FairQueue::pop(base::Instant now) {
  if (auto packet = pop_flow(sparse_, now)) return Next{std::move(*packet), Pace::kSparse};
  if (auto packet = pop_flow(bulk_, now)) return Next{std::move(*packet), Pace::kBulk};
  return std::nullopt;
}

std::optional<Waiting> FairQueue::pop_bulk(base::Instant now) {
  return pop_flow(bulk_, now);
}

std::optional<Waiting> FairQueue::pop_flow(std::deque<Flow*>& list, base::Instant now) {
  while (!list.empty()) {
    Flow& flow = *list.front();
    if (flow.deficit <= 0) {
      flow.deficit += kQuantum;
      list.pop_front();
      bulk_.push_back(&flow);
      continue;
    }
    if (auto packet = pop_from(flow, now)) {
      flow.deficit -= static_cast<std::int64_t>(cost_of(flow, *packet, now));
      return packet;
    }
    list.pop_front();
    // A flow that went empty stays for one more round, so that it cannot be sparse over and over.
    if (&list == &sparse_ && !bulk_.empty()) {
      bulk_.push_back(&flow);
    } else {
      flow.is_listed = false;
    }
  }
  return std::nullopt;
}

}  // namespace sennit::outbound
