// A session and what begins anew with it: flow sequences of what is sent, copies seen of what is received.
// Owned by a peer, which has a current one, for ten seconds the former one, and at the gateway unconfirmed
// ones.
#pragma once

#include <array>
#include <chrono>

#include "base/time.hpp"
#include "crypto/session.hpp"
#include "inbound/deduplicate.hpp"
#include "inbound/resequence.hpp"
#include "outbound/classify.hpp"
#include "tunnel/event.hpp"

namespace sennit::tunnel {

struct LiveSession {
  // Lifetimes: protocol.md section 2.4.
  static constexpr base::Duration kRekeyAfter = std::chrono::seconds(110);
  static constexpr base::Duration kRejectAfter = std::chrono::seconds(180);
  static constexpr base::Duration kKeepFormer = std::chrono::seconds(10);
  static constexpr std::uint64_t kRekeyAfterDatagrams = 1ULL << 30U;
  static constexpr std::uint64_t kRejectAfterDatagrams = 1ULL << 31U;

  LiveSession(crypto::Session established_session, PeerUp greeting, base::Instant now)
      : session(std::move(established_session)), on_up(std::move(greeting)), established(now) {}

  bool wants_rekey(base::Instant now) const {
    return now - established >= kRekeyAfter || session.most_sent() >= kRekeyAfterDatagrams;
  }
  bool has_expired(base::Instant now) const {
    return now - established >= kRejectAfter || session.most_sent() >= kRejectAfterDatagrams;
  }
  base::FlowSequence next_sequence(base::FlowBucket bucket) { return {sequences[bucket.value]++}; }

  crypto::Session session;
  PeerUp on_up;  // what the shell is told when this session is the first, or differs from the former
  base::Instant established;
  std::array<std::uint32_t, outbound::kFlowBuckets> sequences{};
  inbound::Deduplicator copies;
  inbound::Resequencer resequencer;
};

}  // namespace sennit::tunnel
