// Why a packet or datagram was not passed on. Every drop is counted under exactly one reason; none is logged.
// The names are what `sennit status` prints under "drops"; docs/glossary.md explains each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sennit::base {

enum class DropReason : std::uint8_t {
  // UDP side, before authentication
  kTooShort,           // shorter than any message of its type
  kUnknownType,        // outer type reserved or of a later version
  kBadVersion,         // handshake of a version that is not ours
  kUnknownSession,     // no session with this index
  kBadMac,             // mac1 or mac2 of a handshake message wrong
  kCookieRequired,     // under load: the sender was asked to prove its address
  kRateLimited,        // more handshakes from one address than are answered
  kBadHandshake,       // handshake does not decrypt or parse
  kUnknownPeer,        // static key not configured
  kReplayedHandshake,  // timestamp not newer than the last
  kBadTag,             // authentication failed
  kReplayed,           // counter seen before or behind the window
  kSessionExpired,     // keys older than the limit
  // UDP side, after authentication
  kUnknownFrame,      // kind not known to this version
  kMalformedFrame,    // frame does not parse
  kDuplicate,         // inner packet already delivered
  kReassembly,        // fragment without its siblings in time
  kNotIp,             // inner bytes are not an IP packet
  kSourceNotAllowed,  // inner source is not the peer's (cryptokey routing)
  // TUN side
  kNoPeer,      // no peer owns the destination
  kPeerDown,    // the peer has no session or no path that is up
  kTooBig,      // larger than every path takes; ICMP was answered
  kBadOffload,  // what the kernel says is left to do does not fit the packet
  // a device's or a link's impairment
  kImpairmentLoss,   // by its loss model or an outage
  kImpairmentQueue,  // did not fit into its queue, or was dropped by the queue's management
  kFiltered,         // a filter drops packets of this kind
  // shell
  kSendRefused,     // the kernel refused the datagram
  kSendBufferFull,  // the socket's buffer was full
  kTunRefused,      // the TUN device refused the packet
  kWorkerBusy,      // another worker's, which was behind
  kCount,
};

// "too_short", "bad_tag" …
std::string_view to_string(DropReason reason);

// Counts by reason.
class DropCounters {
 public:
  void count(DropReason reason, std::uint64_t packets = 1) {
    counts_[static_cast<std::size_t>(reason)] += packets;
  }
  DropCounters& operator+=(const DropCounters& other) {
    for (std::size_t reason = 0; reason < counts_.size(); ++reason) counts_[reason] += other.counts_[reason];
    return *this;
  }
  std::uint64_t operator[](DropReason reason) const { return counts_[static_cast<std::size_t>(reason)]; }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(DropReason::kCount)> counts_{};
};

}  // namespace sennit::base
