// Datagrams on their way to the sockets: one contiguous arena a route, so that a run of datagrams to one path
// is one sendmsg with UDP_SEGMENT, or one sendmmsg. Last stage of outbound; the shell takes what is here
// after every call. Invariant: the spans of drain() are valid until the next reserve().
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/packet.hpp"

namespace sennit::outbound {

class TransmitQueue {
 public:
  // Room for one datagram of `size` bytes to `route`; written by the caller before the next call.
  base::ByteSpan reserve(const base::Route& route, std::size_t size);
  // Everything queued since the last drain(), runs of equal size joined.
  std::span<const base::Transmit> drain();
  bool empty() const { return drained_ || used_ == 0; }

 private:
  // A run as offsets, since the arena may move while it grows.
  struct Run {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::size_t segment_size = 0;
    bool is_closed = false;  // a shorter datagram ended it
  };
  struct Arena {
    base::Route route;
    std::vector<std::uint8_t> bytes;
    std::size_t length = 0;
    std::vector<Run> runs;
  };

  Arena& arena_of(const base::Route& route);

  bool drained_ = false;
  std::vector<Arena> arenas_;  // the first used_ are of this batch; memory is kept
  std::size_t used_ = 0;
  std::size_t last_ = 0;
  std::vector<base::Transmit> transmits_;
};

}  // namespace sennit::outbound
