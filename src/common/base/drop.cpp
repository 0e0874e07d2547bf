#include "base/drop.hpp"

namespace sennit::base {

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::kTooShort: return "too_short";
    case DropReason::kUnknownType: return "unknown_type";
    case DropReason::kBadVersion: return "bad_version";
    case DropReason::kUnknownSession: return "unknown_session";
    case DropReason::kBadMac: return "bad_mac";
    case DropReason::kCookieRequired: return "cookie_required";
    case DropReason::kRateLimited: return "rate_limited";
    case DropReason::kBadHandshake: return "bad_handshake";
    case DropReason::kUnknownPeer: return "unknown_peer";
    case DropReason::kReplayedHandshake: return "replayed_handshake";
    case DropReason::kBadTag: return "bad_tag";
    case DropReason::kReplayed: return "replayed";
    case DropReason::kSessionExpired: return "session_expired";
    case DropReason::kUnknownFrame: return "unknown_frame";
    case DropReason::kMalformedFrame: return "malformed_frame";
    case DropReason::kDuplicate: return "duplicate";
    case DropReason::kReassembly: return "reassembly";
    case DropReason::kNotIp: return "not_ip";
    case DropReason::kSourceNotAllowed: return "source_not_allowed";
    case DropReason::kNoPeer: return "no_peer";
    case DropReason::kPeerDown: return "peer_down";
    case DropReason::kTooBig: return "too_big";
    case DropReason::kBadOffload: return "bad_offload";
    case DropReason::kImpairmentLoss: return "impairment_loss";
    case DropReason::kImpairmentQueue: return "impairment_queue";
    case DropReason::kFiltered: return "filtered";
    case DropReason::kSendRefused: return "send_refused";
    case DropReason::kSendBufferFull: return "send_buffer_full";
    case DropReason::kTunRefused: return "tun_refused";
    case DropReason::kWorkerBusy: return "worker_busy";
    case DropReason::kCount: break;
  }
  return "unknown";
}

}  // namespace sennit::base
